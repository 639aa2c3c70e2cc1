"""What a person types before stock moves (PRODUCT §4, §5)."""

import re
import uuid
from collections.abc import Iterable
from datetime import timedelta
from typing import Any, NamedTuple

from django import forms
from django.db.models import Count, QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from omnichannel.catalog.models import Product
from omnichannel.catalog.scanning import products_of_code
from omnichannel.locations.models import FulfillmentLocation
from omnichannel.locations.switches import Switches, may_type, not_typed

from ..actions import Typed
from ..models import MAX_QUANTITY, AdjustmentReason, InventoryTransaction, StockOnHand

MOST_ROWS = 500
# A name is looked for from so many letters on, and so many products are offered.
SHORTEST_NAME, SHOWN = 3, 8
# So many of the newest adjustments tell what a shop usually adjusts for.
RECENT = 2_000
FREQUENT = 6
PASTED = re.compile(r"^(?P<code>.+?)(?:[\t;,]\s*|\s+)(?P<quantity>\d+)$")


class Row(NamedTuple):
    """One product of the draft; `fault` says what is wrong with its quantity."""

    product: Product
    text: str
    quantity: int
    fault: str


class Effect(NamedTuple):
    """What a row would do to one stock location."""

    shelf: str
    before: int
    after: int


class ProductRows:
    """Products and quantities being typed, scanned, searched and pasted. Nothing of it is stored.

    `key` is drawn once and sent along, so that a form sent twice is done once. What makes no
    sense is kept as typed and told in `faults`, by the field it belongs to.
    """

    def __init__(self, words: QueryDict) -> None:
        self.faults: dict[str, str] = {}
        # Product ids with the address where each is counted, once there were too few.
        self.to_count: list[tuple[str, str]] = []
        self.key = words.get("key") or str(uuid.uuid4())
        self.note = words.get("note", "")
        self.code = words.get("code", "").strip()
        self.pasted = words.get("pasted", "")
        self.choices: list[Product] = []
        self.rows = self._rows(words.getlist("product"), words.getlist("quantity"))

    def _rows(self, ids: list[str], quantities: list[str]) -> list[Row]:
        asked = dict.fromkeys(ids[:MOST_ROWS])
        known = {p.product_id: p for p in Product.objects.filter(product_id__in=asked)}
        texts = dict(zip(ids, [*quantities, *["1"] * len(ids)], strict=False))
        return [read_row(known[code], texts[code]) for code in asked if code in known]

    # ------------------------------------------------------------ acts of the form
    def change(self, act: str) -> None:
        """The act of a button, `name:about`; any other, and Enter in a field, adds what was scanned."""
        name, _colon, about = act.partition(":")
        if name == "choose":
            self.add_chosen(about)
        elif name == "remove":
            self.remove(about)
        elif name == "paste":
            self.add_pasted()
        else:
            self.add_code()

    def add_code(self) -> None:
        """The scanned or typed code: one more of its product, or a question, or a fault."""
        if not self.code:
            return
        found = products_of_code(self.code)
        if len(found) > 1:
            self.choices = found
        elif found:
            self.add(found[0], 1)
            self.code = ""
        elif len(self.code) >= SHORTEST_NAME:
            self.choices = list(
                Product.objects.filter(name__ilike=self.code).order_by("name_key", "pk")[:SHOWN]
            )
        if not found and not self.choices:
            self.faults["code"] = (
                _("No product has the code or the name “%s”. Scan again, or type another word.")
                % self.code[:60]
            )

    def add_chosen(self, product_id: str) -> None:
        product = Product.objects.filter(product_id=product_id).first()
        if product:
            self.add(product, 1)
            self.code = ""

    def add_pasted(self) -> None:
        """Lines of code and quantity; the good ones become rows, the others stay with their fault."""
        kept, told = [], []
        for number, line in enumerate(self.pasted.splitlines(), start=1):
            if not line.strip():
                continue
            if fault := self._paste(line.strip()):
                kept.append(line)
                told.append(_("Line %(number)s: %(fault)s") % {"number": number, "fault": fault})
        self.pasted = "\n".join(kept)
        if told:
            more = len(told) - 5
            further = [_("… and %s more.") % more] if more > 0 else []
            self.faults["pasted"] = " ".join([*told[:5], *further])

    def _paste(self, line: str) -> str:
        found = PASTED.match(line)
        code, quantity = (found["code"].strip(), found["quantity"]) if found else (line, "1")
        products = products_of_code(line) or products_of_code(code)
        if products and not (found and products_of_code(code)):
            quantity = "1"
        if not products:
            return _("no product has the code “%s”.") % code[:60]
        if len(products) > 1:
            return _("“%s” is the code of several products; use the product ID.") % code[:60]
        if len(quantity) > 10 or not 1 <= int(quantity) <= MAX_QUANTITY:
            return _("“%s” is no quantity; give 1 or more.") % quantity[:20]
        self.add(products[0], int(quantity))
        return ""

    def add(self, product: Product, quantity: int) -> None:
        for place, row in enumerate(self.rows):
            if row.product.pk == product.pk:
                self.rows[place] = read_row(product, str(row.quantity + quantity))
                return
        if len(self.rows) >= MOST_ROWS:
            self.faults["code"] = _("One form takes %s products; save these first.") % MOST_ROWS
            return
        self.rows.append(read_row(product, str(quantity)))

    def remove(self, product_id: str) -> None:
        self.rows = [row for row in self.rows if row.product.product_id != product_id]


class Draft(ProductRows):
    """An adjustment being typed: a store, a reason, rows, a note."""

    def __init__(self, words: QueryDict, stores: QuerySet[FulfillmentLocation], here: str) -> None:
        super().__init__(words)
        self.stores = stores
        self.store = self._store(words.get("store") or here)
        self.reasons = AdjustmentReason.objects.filter(is_active=True).select_related(
            "origin", "destination"
        )
        self.reason = self._reason(words.get("reason", ""))

    def _store(self, code: str) -> FulfillmentLocation | None:
        found = list(self.stores[:2])
        if len(found) == 1:
            return found[0]
        return self.stores.filter(code=code).first() if code else None

    def _reason(self, text: str) -> AdjustmentReason | None:
        try:
            return self.reasons.filter(uuid=uuid.UUID(text)).first()
        except ValueError:
            return None

    @cached_property
    def types(self) -> bool:
        """Whether quantities may be typed here; otherwise every unit is scanned."""
        return may_type("adjustments")

    def add_pasted(self) -> None:
        if self.types:
            super().add_pasted()
        else:
            self.faults["code"] = not_typed()

    # ------------------------------------------------------------ what it would do
    def effects(self) -> dict[int, list[Effect]]:
        """By product: the stock locations that it leaves and enters, before and after."""
        if not (self.store and self.reason and self.store.is_inventory_master):
            return {}
        sides = [(self.reason.origin, -1), (self.reason.destination, 1)]
        shelves = [(shelf, sign) for shelf, sign in sides if shelf]
        held = {
            (product, shelf): quantity
            for product, shelf, quantity in StockOnHand.objects.filter(
                location=self.store,
                product__in=[row.product.pk for row in self.rows],
                stock_location__in=[shelf for shelf, _sign in shelves],
            ).values_list("product_id", "stock_location_id", "quantity")
        }
        return {
            row.product.pk: [
                Effect(
                    shelf.display_name,
                    before := held.get((row.product.pk, shelf.pk), 0),
                    before + sign * row.quantity,
                )
                for shelf, sign in shelves
            ]
            for row in self.rows
        }

    def lines(self) -> list[Typed]:
        return [Typed(row.product.pk, row.quantity) for row in self.rows]

    def is_complete(self) -> bool:
        """Whether it can be done; tells in `faults` what is missing."""
        if self.store is None:
            self.faults["store"] = _("Choose the store whose stock is adjusted.")
        elif switched_off := why_not_adjusted(self.store):
            self.faults["store"] = switched_off
        if self.reason is None:
            self.faults["reason"] = _("Choose why the stock is adjusted.")
        if not self.rows:
            self.faults["code"] = _("Add at least one product: scan it or type its ID.")
        return not self.faults and not any(row.fault for row in self.rows)

    def frequent_reasons(self) -> list[AdjustmentReason]:
        """The shop's most used ones, the most used first."""
        if self.store is None:
            return []
        newest = (
            InventoryTransaction.objects.filter(
                location=self.store,
                type=InventoryTransaction.Type.ADJUSTMENT,
                completed_at__gt=timezone.now() - timedelta(days=365),
            )
            .order_by("-completed_at", "-id")
            .values("pk")[:RECENT]
        )
        counted = (
            InventoryTransaction.objects.filter(pk__in=newest)
            .values_list("reason_id")
            .annotate(times=Count("pk"))
            .order_by("-times", "reason_id")[:FREQUENT]
        )
        ids = [pk for pk, _times in counted]
        known = {reason.pk: reason for reason in self.reasons.filter(pk__in=ids)}
        return [known[pk] for pk in ids if pk in known]


def read_row(product: Product, text: str) -> Row:
    digits = text.strip()
    if digits.isascii() and digits.isdecimal() and len(digits) <= 10:
        number = int(digits)
        if 1 <= number <= MAX_QUANTITY:
            return Row(product, digits, number, "")
    return Row(product, text[:20], 0, _("Give a whole number of 1 or more."))


class SwapForm(forms.Form):
    """Two products that were taken for each other."""

    store = forms.ModelChoiceField(
        FulfillmentLocation.objects.none(), label=gettext_lazy("Store"), to_field_name="code"
    )
    left = forms.CharField(label=gettext_lazy("Product that is too many"), max_length=256)
    arrived = forms.CharField(label=gettext_lazy("Product that is too few"), max_length=256)
    quantity = forms.IntegerField(
        label=gettext_lazy("Quantity"), min_value=1, max_value=MAX_QUANTITY, initial=1
    )
    reason = forms.ModelChoiceField(
        AdjustmentReason.objects.none(), label=gettext_lazy("Reason"), to_field_name="uuid"
    )
    note = forms.CharField(label=gettext_lazy("Note"), max_length=2_000, required=False)
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def __init__(self, stores: QuerySet, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        fields: dict[str, Any] = self.fields
        fields["store"].queryset = stores
        reasons = AdjustmentReason.objects.filter(is_active=True)
        fields["reason"].queryset = reasons.order_by("type", "subtype")

    def clean_store(self) -> FulfillmentLocation:
        store = self.cleaned_data["store"]
        if switched_off := why_not_adjusted(store):
            raise forms.ValidationError(switched_off)
        return store

    def clean_left(self) -> Product:
        return product_of(self.cleaned_data["left"])

    def clean_arrived(self) -> Product:
        return product_of(self.cleaned_data["arrived"])


def why_not_adjusted(store: FulfillmentLocation) -> str:
    """Empty where the configuration lets the store adjust by hand."""
    if Switches(store).is_on("adjustments"):
        return ""
    return _("Adjusting is switched off for %s (Configuration).") % store.name


def product_of(code: str) -> Product:
    """The one product that the code means.

    Raises:
        ValidationError: none, or several.
    """
    found = products_of_code(code.strip())
    if len(found) == 1:
        return found[0]
    if found:
        raise forms.ValidationError(
            _("“%(code)s” is the code of several products; use one of the IDs %(ids)s.")
            % {"code": code, "ids": named(found)}
        )
    raise forms.ValidationError(_("No product has the code “%s”.") % code[:60])


def named(products: Iterable[Product]) -> str:
    return ", ".join(product.product_id for product in products)
