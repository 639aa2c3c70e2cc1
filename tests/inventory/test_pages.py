"""Who sees what on the pages of this room, and whether the numbers explain themselves."""

import pytest

from tests.kit.conftest import World
from tests.kit.every_list import exported, rows_of
from tests.people import person, signed_in

S = "/store-operations/inventory"


@pytest.fixture
def world(db):
    made = World()
    product = made.product("P-1", "Lamp")
    made.post((product, 9), type="STOCK_IMPORT")
    made.post((product, -2), shelf="main", reference="T-1")
    made.post(
        (product, 4), shelf="damaged", type="ADJUSTMENT", reason_id=made.reason.pk, note="wet"
    )
    made.post((product, 5), where=made.tokyo, reference="T-2")
    made.post((product, 1), shelf="_in_transit", type="TRANSFER")
    return made


def client_of(world, name, role="Store Manager", *stores, **fields):
    return signed_in(person(name, role, stores=stores, **fields))


def test_the_audit_trail_runs_both_balances_over_all_stock_locations(world):
    client = client_of(world, "m", "Store Manager", world.berlin)
    rows = exported(client, f"{S}/stock-on-hand/DE-01/P-1/?export=csv")
    told = [
        (r["Type"], r["Change"], r["Balance (stock location)"], r["Balance (store)"]) for r in rows
    ]
    assert told == [
        ("Stock Import", "9", "9", "9"),
        ("Shipment", "-2", "7", "7"),
        ("Adjustment", "4", "4", "11"),
        ("Transfer", "1", "1", "12"),
    ]


def test_balances_stay_right_under_a_filter(world):
    client = client_of(world, "m", "Store Manager", world.berlin)
    (row,) = exported(client, f"{S}/stock-on-hand/DE-01/P-1/?stock_location=damaged&export=csv")
    assert (row["Balance (stock location)"], row["Balance (store)"]) == ("4", "11")


def test_in_transit_is_shown_when_asked_for(world):
    client = client_of(world, "m", "Store Manager", world.berlin)
    assert "_In_Transit" not in client.get(f"{S}/stock-on-hand/").content.decode().split("tbody")[1]
    assert len(rows_of(client.get(f"{S}/stock-on-hand/?stock_location=_in_transit"))) == 1


def test_stock_is_read_everywhere_and_documents_only_at_home(world):
    client = client_of(world, "m", "Store Manager", world.berlin)
    stock = client.get(f"{S}/stock-on-hand/").content.decode()
    assert "Store JP-01" in stock
    assert "T-2" not in client.get(f"{S}/transactions/").content.decode()
    assert {r["Store Name"] for r in exported(client, f"{S}/movements/?q=P-1&export=csv")} == {
        "Store DE-01"
    }


def test_a_foreign_audit_trail_is_read_without_links_to_its_documents(world):
    client = client_of(world, "m", "Store Manager", world.berlin)
    foreign = client.get(f"{S}/stock-on-hand/JP-01/P-1/").content.decode()
    assert "T-2" in foreign
    assert f'href="{S}/transactions/' not in "".join(foreign.split("tbody")[1:])
    own = client.get(f"{S}/stock-on-hand/DE-01/P-1/").content.decode()
    assert f'href="{S}/transactions/' in "".join(own.split("tbody")[1:])


def test_own_stores_only_hides_the_rest(world):
    client = client_of(world, "m", "Store Manager", world.berlin, stock_scope="OWN_STORES")
    assert "JP-01" not in client.get(f"{S}/stock-on-hand/").content.decode()
    assert client.get(f"{S}/stock-on-hand/JP-01/P-1/").status_code == 404
    assert "JP-01" not in client.get("/catalog/products/P-1/").content.decode()
    assert "JP-01" not in client.get(f"{S}/stock-on-hand/?store=JP-01").content.decode().replace(
        "JP-01 is not one", ""
    ).replace("store=JP-01", "").replace("store%3DJP-01", "").replace("“JP-01”", "")


def test_a_store_without_access_has_no_documents_at_all(world):
    client = client_of(world, "m", "Store Manager")
    assert "Nothing here yet" in client.get(f"{S}/transactions/").content.decode()


def test_reserve_and_unreserve_never_show_on_transactions(world):
    world.post((world.product("P-2"), 1), type="RESERVE", reference="HOLD-1")
    client = client_of(world, "m", "Store Manager", world.berlin)
    assert "HOLD-1" not in client.get(f"{S}/transactions/").content.decode()
    assert "HOLD-1" in client.get(f"{S}/stock-on-hand/DE-01/P-2/").content.decode()


def test_a_transaction_tells_its_lines_and_what_they_moved(world):
    posting = world.post((world.product("P-3", "Chair"), 6), note="<b>bold</b>")
    client = client_of(world, "m", "Store Manager", world.berlin)
    page = client.get(f"{S}/transactions/{posting.uuid}/").content.decode()
    assert "Lines as typed" in page
    assert "&lt;b&gt;bold&lt;/b&gt;" in page
    assert page.count("Chair") >= 2


def test_an_erp_mastered_location_says_why_nothing_moved(world):
    type(world.berlin).objects.filter(pk=world.berlin.pk).update(is_inventory_master=False)
    posting = world.post((world.product("P-4"), 6), type="RECEIVING")
    client = client_of(world, "m", "Store Manager", world.berlin)
    assert "the ERP owns" in client.get(f"{S}/transactions/{posting.uuid}/").content.decode()
    assert "P-4" not in client.get(f"{S}/stock-on-hand/").content.decode()


def test_a_product_tells_its_stock_per_store_and_when_it_was_last_touched(world):
    client = client_of(world, "m", "Store Manager", world.berlin)
    page = client.get("/catalog/products/P-1/").content.decode()
    assert "16 units in 2 stores" in page
    assert "never" in page


def test_a_product_nobody_holds_says_so(world):
    world.product("NONE")
    client = client_of(world, "m", "Store Manager", world.berlin)
    assert "No store holds this product" in client.get("/catalog/products/NONE/").content.decode()


def test_product_pages_take_a_flat_number_of_queries(world, django_assert_max_num_queries):
    client = client_of(world, "m", "Store Manager", world.berlin)
    client.get("/catalog/products/P-1/")
    with django_assert_max_num_queries(14):
        client.get("/catalog/products/P-1/")
