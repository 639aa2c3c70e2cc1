"""What a person types before counts are made (PRODUCT §7)."""

import csv
import io
import uuid
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from omnichannel.catalog.models import Product
from omnichannel.catalog.scanning import products_of_code
from omnichannel.locations.models import FulfillmentLocation, StockLocation

from .actions import Problem
from .models import Count

# A name is looked for from so many letters on, and so many products are offered.
SHORTEST_NAME, SHOWN = 3, 8
LARGEST_FILE = 2 * 1024 * 1024
LONGEST_TEXT = 1_000_000
HEADERS = ("product_id", "product id", "id", "sku")
Groups = list[tuple[str, list[tuple[FulfillmentLocation, bool]]]]


class Creating:
    """Counts being planned: what was typed, kept as it was typed, and what is wrong with it.

    `key` is drawn once and sent along, so that a form sent twice creates once. Products are lines
    of text: scanning, searching and a file add lines to what was pasted.
    """

    def __init__(
        self, words: QueryDict, stores: QuerySet[FulfillmentLocation], here: str = ""
    ) -> None:
        self.problems: list[Problem] = []
        self.key = words.get("key") or str(uuid.uuid4())
        self.name = words.get("name", "")[:1_000]
        self.type = words.get("type", Count.Type.CYCLE)
        self.due = words.get("due", "")
        self.shelf = words.get("shelf", StockLocation.MAIN)
        self.is_blind = bool(words.get("blind"))
        self.products = words.get("products", "")[:LONGEST_TEXT]
        self.code = words.get("code", "").strip()[:256]
        self.choices: list[Product] = []
        self.asked = list(dict.fromkeys(words.getlist("store") or ([here] if here else [])))
        self.places = list(stores.order_by("country_code", "name_key", "pk"))
        self.shelves = list(StockLocation.objects.exclude(name__startswith="_").order_by("pk"))

    # ------------------------------------------------------------ acts of the form
    def add_code(self) -> None:
        """The scanned or typed code as one more line, or a question, or a fault."""
        if not self.code:
            return
        found = products_of_code(self.code)
        if len(found) > 1:
            self.choices = found
        elif found:
            self.add(found[0].product_id)
        elif len(self.code) >= SHORTEST_NAME:
            named = Product.objects.filter(name__ilike=self.code).order_by("name_key", "pk")
            self.choices = list(named[:SHOWN])
        if not found and not self.choices:
            told = _("No product has the code or the name “%s”.") % self.code[:60]
            self.fault("unknown_code", told)

    def add(self, product_id: str) -> None:
        """One more line; a product that stands there already stays once."""
        self.code = ""
        if product_id not in self.product_ids():
            self.products = "\n".join([*self.product_ids(), product_id])

    def add_file(self, upload: UploadedFile) -> None:
        """The first column of a CSV file; a header is recognised and left out."""
        if (upload.size or 0) > LARGEST_FILE:
            self.fault("file", _("The file is larger than 2 MB."))
            return
        try:
            text = upload.read().decode("utf-8-sig")
            rows = [row[0].strip() for row in csv.reader(io.StringIO(text)) if row]
        except (UnicodeDecodeError, csv.Error):
            self.fault("file", _("The file is no CSV in UTF-8."))
            return
        if rows and rows[0].casefold() in HEADERS:
            rows = rows[1:]
        self.products = "\n".join([*self.product_ids(), *filter(None, rows)])

    # ------------------------------------------------------------ what was typed
    def product_ids(self) -> list[str]:
        """In the order of the lines; each keeps its case, and loses the spaces around it."""
        return [text for line in self.products.splitlines() if (text := line.strip())]

    def chosen(self) -> list[int]:
        """Primary keys of the stores; a code that is none of the user's is a fault."""
        known = {place.code: place.pk for place in self.places}
        if unknown := [code for code in self.asked if code not in known]:
            told = _("These stores are none of yours: %s.") % ", ".join(
                c[:40] for c in unknown[:20]
            )
            self.problems.append(Problem("store", told, unknown))
        return [known[code] for code in self.asked if code in known]

    def shelf_pk(self) -> int:
        found = next((shelf.pk for shelf in self.shelves if shelf.name == self.shelf), 0)
        if not found:
            self.fault("shelf", _("Choose a stock location."))
        return found

    def due_date(self) -> date | None:
        try:
            return date.fromisoformat(self.due)
        except ValueError:
            self.fault("due", _("Give the day by which it is due."))
            return None

    def values(self) -> dict[str, Any]:
        """What `create_counts` takes; `problems` says what of it is missing."""
        if self.type not in Count.Type.values:
            self.fault("type", _("Choose a type."))
        return {
            "type": self.type,
            "location_ids": self.chosen(),
            "stock_location_id": self.shelf_pk(),
            "due_date": self.due_date(),
            "product_ids": self.product_ids() if self.type == Count.Type.CYCLE else [],
            "name": self.name,
            "is_blind": self.is_blind,
        }

    def fault(self, code: str, message: str, ids: Sequence[str] = ()) -> None:
        self.problems.append(Problem(code, message, list(ids)))

    # ------------------------------------------------------------ for the page
    def groups(self) -> Groups:
        """The stores by country, with those that are chosen."""
        found: Groups = []
        for place in self.places:
            if not found or found[-1][0] != place.country:
                found.append((place.country, []))
            found[-1][1].append((place, place.code in self.asked))
        return found
