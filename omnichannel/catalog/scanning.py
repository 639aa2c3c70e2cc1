"""Which products a scanned or typed code means (PRODUCT §2, Settings > Barcodes)."""

from collections.abc import Iterable, Sequence

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from omnichannel.documents import ActionError

from .models import Product, ProductIdentifier, ScanIdentifier

COLUMNS = (ScanIdentifier.PRODUCT_ID, ScanIdentifier.SKU)
# A code that so many products share tells none of them apart.
MOST = 20
LONGEST = 256
BATCH = 2_000


def products_of_code(code: str) -> list[Product]:
    """The products that `code` is exactly, by the first kind in the settings' order that has any.

    At most MOST of them, active ones first. More than one means that somebody has to be asked.
    Three queries, each along its own index.
    """
    if not code or len(code) > LONGEST:
        return []
    return first_of(by_kind(code), active_kinds())


def by_kind(code: str) -> dict[str, dict[int, Product]]:
    """Everything that bears the code: kind → product's key → product."""
    found: dict[str, dict[int, Product]] = {}
    columns = Product.objects.filter(product_id=code).union(
        Product.objects.filter(sku=code)[: MOST + 1]
    )
    for product in columns:
        for kind in COLUMNS:
            if getattr(product, kind) == code:
                found.setdefault(kind, {})[product.pk] = product
    further = ProductIdentifier.objects.filter(value=code).select_related("product")
    for identifier in further.order_by("pk")[: 5 * MOST]:
        kinds = found.setdefault(identifier.type.casefold(), {})
        kinds[identifier.product_id] = identifier.product
    return found


def products_of_codes(codes: Iterable[str]) -> dict[str, list[Product]]:
    """What `products_of_code` answers, for many codes in few queries: code → products.

    Codes that mean none are left out.
    """
    asked = [code for code in dict.fromkeys(codes) if code and len(code) <= LONGEST]
    found: dict[str, dict[str, dict[int, Product]]] = {}
    for start in range(0, len(asked), BATCH):
        gather(asked[start : start + BATCH], found)
    order = active_kinds()
    means = {code: first_of(kinds, order) for code, kinds in found.items()}
    return {code: products for code, products in means.items() if products}


def gather(codes: list[str], found: dict[str, dict[str, dict[int, Product]]]) -> None:
    """Everything that bears the codes: code → kind → product's key → product."""
    wanted = set(codes)
    for product in Product.objects.filter(Q(product_id__in=codes) | Q(sku__in=codes)):
        for kind in COLUMNS:
            if (code := getattr(product, kind)) in wanted:
                found.setdefault(code, {}).setdefault(kind, {})[product.pk] = product
    further = ProductIdentifier.objects.filter(value__in=codes).select_related("product")
    for identifier in further.order_by("pk"):
        kinds = found.setdefault(identifier.value, {})
        kinds.setdefault(identifier.type.casefold(), {})[identifier.product_id] = identifier.product


def first_of(found: dict[str, dict[int, Product]], order: Sequence[str]) -> list[Product]:
    kind = next((kind for kind in order if kind in found), None)
    products = found[kind].values() if kind else ()
    return sorted(products, key=lambda p: (not p.is_active, p.name_key, p.pk))[:MOST]


def active_kinds() -> list[str]:
    kinds = ScanIdentifier.objects.filter(is_active=True).order_by("position", "pk")
    return list(kinds.values_list("kind", flat=True))


def refuse_unknown(scans: QuerySet) -> None:
    """Whoever scanned says what a code is before it becomes stock.

    Args:
        scans: with `code`, and `product` where somebody knows it.

    Raises:
        ActionError: some have none; it names them.
    """
    codes = scans.filter(product__isnull=True).values_list("code", flat=True)
    if unknown := sorted(set(codes)):
        raise ActionError(
            _("Nobody knows these codes yet: %s. Say what they are, or leave them out.")
            % ", ".join(unknown[:20])
        )
