"""Which products a scanned or typed code means (PRODUCT §2, Settings > Barcodes)."""

from .models import Product, ProductIdentifier, ScanIdentifier

COLUMNS = (ScanIdentifier.PRODUCT_ID, ScanIdentifier.SKU)
# A code that so many products share tells none of them apart.
MOST = 20
LONGEST = 256


def products_of_code(code: str) -> list[Product]:
    """The products that `code` is exactly, by the first kind in the settings' order that has any.

    At most MOST of them, active ones first. More than one means that somebody has to be asked.
    Three queries, each along its own index.
    """
    if not code or len(code) > LONGEST:
        return []
    kinds = ScanIdentifier.objects.filter(is_active=True).order_by("position", "pk")
    found = by_kind(code)
    for kind in kinds.values_list("kind", flat=True):
        if kind in found:
            return sorted(found[kind].values(), key=lambda p: (not p.is_active, p.name_key, p.pk))[
                :MOST
            ]
    return []


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
