import pytest

from omnichannel.locations.models import StockLocation


@pytest.mark.django_db
def test_system_stock_locations():
    assert StockLocation.objects.count() == 8
