"""What one test commits reaches no other, whichever way its rows are taken away."""

import pytest
from django.contrib.auth.models import Permission
from django.db import connection

from omnichannel.locations.models import StockLocation
from tests import emptying


def rows(table: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {emptying.quoted(table)} ORDER BY 1")
        return cursor.fetchall()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("large", [0, emptying.LARGE], ids=["truncated", "deleted"])
def test_rows_of_migrations_stay_and_their_numbers_are_not_given_again(monkeypatch, large):
    monkeypatch.setattr(emptying, "LARGE", large)
    before = {table: rows(table) for table in emptying.written}
    permissions = list(Permission.objects.order_by("pk").values_list("pk", "codename"))
    StockLocation.objects.create(name="attic", display_name="Speicher")

    emptying.empty()

    assert {table: rows(table) for table in emptying.written} == before
    assert list(Permission.objects.order_by("pk").values_list("pk", "codename")) == permissions
    assert StockLocation.objects.create(name="attic", display_name="Speicher").pk
