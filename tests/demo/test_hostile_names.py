"""What others collected to break programs is a product name like any other."""

import csv
import json
from pathlib import Path

import pytest
from django.db import transaction

from demo.loading import load_demo
from omnichannel.catalog.models import Product

from .conftest import NOW, Folder

BAD_INPUT = Path(__file__).parents[1] / "data" / "bad-input"
NAUGHTY = json.loads((BAD_INPUT / "blns" / "blns.json").read_text(encoding="utf-8"))
FORMULAS = (BAD_INPUT / "csv-injection" / "csv-payload.txt").read_text(encoding="utf-8").split("\n")


@pytest.mark.django_db
def test_hostile_names_are_loaded_as_they_are(folder: Folder) -> None:
    names = [name for name in [*NAUGHTY, *FORMULAS] if name.strip() and len(name) <= 512]
    assert len(names) > 500
    path = folder.path / "retail-history" / "products.csv"
    with path.open("a", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        for number, name in enumerate(names):
            writer.writerow([f"N{number}", name, "1.00", "N", ""])
    with transaction.atomic():
        load_demo(now=NOW, folder=folder.path)
    loaded = dict(Product.objects.filter(variant_group="N").values_list("product_id", "name"))
    assert loaded == {f"N{number}": name for number, name in enumerate(names)}
