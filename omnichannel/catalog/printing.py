"""Product labels on paper: which products, on what, with what (PRODUCT §2)."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from django.apps import apps
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from omnichannel.web.cells import grouped
from omnichannel.web.pages import KitPage

from .labels import LAYOUTS, SYMBOLS, Codes, OtherLetters, codes_of
from .models import Price, Product

MOST_PRODUCTS = 500
MOST_LABELS = 2_000
MOST_COPIES = 99
# A longer address is cut off by servers and proxies; such a selection stays a posted form.
LONGEST_ADDRESS = 2_000
SHOWN = 60


class Design(NamedTuple):
    """One product's label; `number` names its drawings, which further copies only refer to."""

    number: int
    product: Product
    codes: Codes
    price: Any


class Asked:
    """What the address or the form asks for; what makes no sense is replaced and noticed."""

    def __init__(self, words: QueryDict) -> None:
        self.notices: list[str] = []
        self.ids = ids_of(words)
        self.copies = self.number(words.get("copies", ""))
        self.layout = self.choice(words.get("layout", ""), LAYOUTS, _("Paper"))
        self.symbol = self.choice(words.get("symbol", ""), SYMBOLS, _("Code"))
        self.with_price = words.get("price") == "1"
        self.with_cuts = words.get("cut") == "1"
        self.store = words.get("store", "")

    def number(self, text: str) -> int:
        if not text:
            return 1
        if text.isascii() and text.isdecimal() and 1 <= int(text[:6]) <= MOST_COPIES:
            return int(text[:6])
        self.notices.append(
            _("Copies go from 1 to %(most)s; one of each is shown.") % {"most": MOST_COPIES}
        )
        return 1

    def choice(self, text: str, known: dict[str, Any], label: str) -> str:
        if text in known:
            return text
        first = next(iter(known))
        if text:
            self.notices.append(
                _("%(label)s: “%(text)s” is not among the choices; %(first)s is used.")
                % {"label": label, "text": text[:SHOWN], "first": shown_title(known[first])}
            )
        return first

    def address(self) -> str:
        pairs: list[tuple[str, Any]] = [("product", product_id) for product_id in self.ids]
        pairs += [
            (name, value)
            for name, value, usual in (
                ("copies", self.copies, 1),
                ("layout", self.layout, next(iter(LAYOUTS))),
                ("symbol", self.symbol, next(iter(SYMBOLS))),
                ("price", int(self.with_price), 0),
                ("cut", int(self.with_cuts), 0),
                ("store", self.store, ""),
            )
            if value != usual
        ]
        query = urlencode(pairs)
        return reverse("catalog:labels") + (f"?{query}" if query else "")


def shown_title(known: Any) -> str:
    return str(getattr(known, "title", known))


def ids_of(words: QueryDict) -> list[str]:
    """Product ids in the order asked for, each once: as values, and as lines of a text.

    A line of several ids has commas between them, unless a product is called like the line.
    """
    named = [*words.getlist("product"), *words.getlist("row")]
    lines = [line.strip() for text in words.getlist("ids") for line in text.split("\n")]
    doubtful = [line for line in lines if "," in line][:MOST_PRODUCTS]
    whole: set[str] = set()
    if doubtful:
        known = Product.objects.filter(product_id__in=doubtful)
        whole = set(known.values_list("product_id", flat=True))
    for line in lines:
        named += [line] if line in whole else [part.strip() for part in line.split(",")]
    return [text for text in dict.fromkeys(named) if text.strip()]


class Labels(KitPage):
    """A sheet or a roll of labels, on screen as on paper. The catalogue is for everybody; the
    price is one of a store that the user may see (PRODUCT §3)."""

    title = gettext_lazy("Product labels")
    crumbs = (gettext_lazy("Catalog"), (gettext_lazy("Products"), "inventory:products"))
    permission_required = "inventory.view_inventory_management"
    http_method_names = ["get", "head", "options", "post"]

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show(Asked(request.GET))

    def post(self, request: HttpRequest) -> HttpResponse:
        """A list's selection, or the form of the page; as an address wherever it fits one."""
        asked = Asked(request.POST)
        address = asked.address()
        # What was noticed is told now: the address no longer says it.
        if len(address) <= LONGEST_ADDRESS and not asked.notices:
            return redirect(address)
        return self.show(asked)

    def show(self, asked: Asked) -> HttpResponse:
        notices = list(asked.notices)
        found = list(self.found(asked.ids, notices))
        stores = list(self.stores())
        store = self.store(asked, stores, notices) if asked.with_price else None
        designs = list(self.designs(asked, found, store, notices))
        labels = [(design, copy == 0) for design in designs for copy in range(asked.copies)]
        if len(labels) > MOST_LABELS:
            notices.append(too_many_labels(labels))
            labels = labels[:MOST_LABELS]
        size = LAYOUTS[asked.layout].per_page
        context = {
            "title": self.title,
            "crumbs": self.trail(),
            "asked": asked,
            "notices": notices,
            "products": found,
            "pages": [labels[at : at + size] for at in range(0, len(labels), size)],
            "told": ngettext("%(n)s label", "%(n)s labels", len(labels))
            % {"n": grouped(len(labels))},
            "layouts": LAYOUTS,
            "symbols": SYMBOLS,
            "stores": stores,
            "store": store,
            "most_copies": MOST_COPIES,
        }
        response = render(self.request, "catalog/labels.html", context)
        response["Cache-Control"] = "private, no-store"
        return response

    def found(self, ids: list[str], notices: list[str]) -> Iterator[Product]:
        asked = ids[:MOST_PRODUCTS]
        if len(ids) > len(asked):
            notices.append(
                _("At most %(most)s products fit one page; the last %(rest)s are left out.")
                % {"most": grouped(MOST_PRODUCTS), "rest": grouped(len(ids) - len(asked))}
            )
        rows = Product.objects.filter(product_id__in=asked) if asked else Product.objects.none()
        known = {product.product_id: product for product in rows}
        unknown = [text for text in asked if text not in known]
        if unknown:
            notices.append(_("No product has the ID %s.") % named(unknown))
        return (known[text] for text in asked if text in known)

    def stores(self) -> QuerySet:
        """The stores that the user may see and that have prices."""
        # By string, because the room of places stands beside this one (DESIGN §3).
        places: Any = apps.get_model("locations", "FulfillmentLocation")
        seen = places.objects.visible_to(self.request.user)
        return (
            seen.filter(kind=places.Kind.STORE, pricebook__isnull=False)
            .select_related("pricebook")
            .order_by("name_key", "pk")
        )

    def store(self, asked: Asked, stores: list[Any], notices: list[str]) -> Any:
        """The store whose prices are printed, or None and a notice."""
        if len(stores) == 1 and not asked.store:
            return stores[0]
        found = next((store for store in stores if store.code == asked.store), None)
        if found is None and asked.store:
            notices.append(_("Store: “%s” is not among the choices.") % asked.store[:SHOWN])
        if found is None:
            notices.append(_("Choose the store whose prices are printed; no label shows one yet."))
        return found

    def designs(
        self, asked: Asked, found: list[Product], store: Any, notices: list[str]
    ) -> Iterator[Design]:
        layout = LAYOUTS[asked.layout]
        prices = prices_of(found, store)
        letters: list[Product] = []
        wide: list[Product] = []
        unpriced: list[Product] = []
        for number, product in enumerate(found):
            codes = codes_of(product.product_id, layout, asked.symbol)
            if codes.refusal:
                (letters if isinstance(codes.refusal, OtherLetters) else wide).append(product)
            if store and product.pk not in prices:
                unpriced.append(product)
            yield Design(number, product, codes, prices.get(product.pk))
        for text, products in (
            (_("Code 128 has not all characters of %s; the QR code stands alone."), letters),
            (_("Too long for bars that a scanner reads: %s; the QR code stands alone."), wide),
            (_("Without a price in this store: %s."), unpriced),
        ):
            if products:
                notices.append(text % named(product.product_id for product in products))


def prices_of(products: list[Product], store: Any) -> dict[int, Any]:
    if store is None or not products:
        return {}
    rows = Price.objects.filter(pricebook=store.pricebook_id, product__in=products)
    return dict(rows.values_list("product_id", "value"))


def named(ids: Iterable[str]) -> str:
    """Every one by name, long ones cut."""
    return ", ".join(f"“{text[:SHOWN]}{'…' if len(text) > SHOWN else ''}”" for text in ids)


def too_many_labels(labels: list[tuple[Design, bool]]) -> str:
    return _(
        "At most %(most)s labels fit one page; the last %(rest)s are left out, beginning with "
        "“%(first)s”."
    ) % {
        "most": grouped(MOST_LABELS),
        "rest": grouped(len(labels) - MOST_LABELS),
        "first": labels[MOST_LABELS][0].product.product_id[:SHOWN],
    }
