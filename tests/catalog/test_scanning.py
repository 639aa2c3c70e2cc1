"""What many codes mean at once is what each of them means alone."""

from itertools import product as pairs

import pytest

from omnichannel.catalog.models import Product, ProductIdentifier, ScanIdentifier
from omnichannel.catalog.scanning import LONGEST, products_of_code, products_of_codes

CODES = ("A", "B", "a", "0001", "1", "", " ", "x" * (LONGEST + 1), "Ü", "%", "unknown")


@pytest.fixture
def catalogue(db: None) -> None:
    """Every kind of name for every code, so that kinds compete and codes are shared."""
    ScanIdentifier.objects.all().delete()
    for position, kind in enumerate(("ean", "sku", "product_id", "upc"), start=1):
        ScanIdentifier.objects.create(kind=kind, position=position, is_active=kind != "upc")
    for number, (name, sku) in enumerate(pairs(("A", "B", "0001", "Ü"), ("", "A", "a", "%"))):
        one = Product.objects.create(
            product_id=f"{name}{number or ''}", sku=sku, name=f"N{number}", is_active=number % 3 > 0
        )
        for kind in ("EAN", "upc")[: number % 3]:
            ProductIdentifier.objects.create(product=one, type=kind, value=CODES[number % 5])


def alone(codes: tuple[str, ...]) -> dict[str, list[Product]]:
    found = {code: products_of_code(code) for code in codes}
    return {code: products for code, products in found.items() if products}


def test_many_codes_mean_what_each_means_alone(catalogue, django_assert_num_queries):
    expected = alone(CODES)
    assert {"A", "a", "%"} <= expected.keys()
    with django_assert_num_queries(3):
        assert products_of_codes(CODES) == expected


def test_the_order_of_the_settings_decides_for_many_as_for_one(catalogue):
    before = products_of_codes(CODES)
    ScanIdentifier.objects.filter(kind="ean").update(position=9)
    assert products_of_codes(CODES) == alone(CODES) != before


def test_batches_mean_what_one_would(catalogue, monkeypatch):
    whole = products_of_codes(CODES)
    monkeypatch.setattr("omnichannel.catalog.scanning.BATCH", 2)
    assert products_of_codes(iter(CODES)) == whole
    assert products_of_codes([]) == {}
