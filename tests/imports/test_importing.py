"""Products and prices out of files: what is kept, what changes, and that each is written once."""

from decimal import Decimal

import pytest
from django.db import connection, transaction

from omnichannel.catalog.imports.products import PRODUCTS
from omnichannel.catalog.models import Price, Pricebook, Product, ProductIdentifier
from omnichannel.documents import ActionError
from omnichannel.imports import (
    actions,
    applying,
    running,
    staging,
    writing,
)
from omnichannel.imports.models import Import, ImportChunk
from omnichannel.jobs import actions as jobs
from omnichannel.jobs.models import Job
from omnichannel.jobs.progress import Silent
from omnichannel.jobs.runners import work
from omnichannel.sorting import sort_key

from .files import imported, prepared, prices, product, products, uploaded, zipped


@pytest.fixture(autouse=True)
def no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs.current_app, "send_task", lambda *a, **k: None, raising=False)


@pytest.fixture
def euro(db: None) -> Pricebook:
    return Pricebook.objects.create(name="EUR", currency="EUR")


def versions() -> list[tuple]:
    """Which transaction wrote each row last: unchanged means that no row was written."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 'product', id, xmin::text, ctid::text FROM catalog_product UNION ALL"
            " SELECT 'identifier', id, xmin::text, ctid::text FROM catalog_productidentifier"
            " UNION ALL SELECT 'price', product_id, xmin::text, ctid::text FROM catalog_price"
            " ORDER BY 1, 2"
        )
        return cursor.fetchall()


def told(import_: Import) -> tuple:
    return import_.state, import_.rows, import_.created, import_.updated, import_.errors


EVERYTHING = product(
    "P-1", "Éclair", sku="S-1", variation_color_value="Red", variation_size_value="M",
    is_active=False, external_identifiers=[{"type": "ean", "value": "4006381333931"}],
)  # fmt: skip


def test_a_product_is_kept_with_everything_that_has_a_column(db):
    import_ = imported(zipped(products=products(EVERYTHING)))
    assert told(import_) == ("FINISHED", 1, 1, 0, 0)
    made = Product.objects.get()
    assert (made.product_id, made.name, made.name_key) == ("P-1", "Éclair", "eclair")
    assert (made.sku, made.color, made.size) == ("S-1", "Red", "M")
    assert (made.variant_group, made.is_active) == ("G", False)
    assert list(made.identifiers.values_list("type", "value")) == [("ean", "4006381333931")]
    assert import_.ignored == {}
    assert import_.completed_at is not None
    assert not import_.pieces.exists()


def test_what_has_no_column_is_accepted_and_counted(db):
    given = product(
        "P-1",
        categories=[{"path": "A > B"}],
        caption="x",
        extended_attributes=[{"name": "material", "value": "wool"}, {"name": "color", "value": "Red"}],
    )  # fmt: skip
    import_ = imported(zipped(products=products(given, product("P-2", caption="y"))))
    assert told(import_) == ("FINISHED", 2, 2, 0, 0)
    assert import_.ignored == {"categories": 1, "caption": 2, "extended_attributes.material": 1}
    assert Product.objects.get(product_id="P-1").color == "Red"


def test_what_a_file_does_not_tell_stays_as_it_is(db):
    imported(zipped(products=products(EVERYTHING)))
    imported(zipped(products=products({"product_id": "P-1", "variant_group_id": "H"})))
    made = Product.objects.get()
    assert (made.name, made.sku, made.color, made.is_active) == ("Éclair", "S-1", "Red", False)
    assert made.variant_group == "H"
    assert made.identifiers.count() == 1


def test_what_a_file_tells_empty_becomes_empty(db):
    imported(zipped(products=products(EVERYTHING)))
    emptied = product("P-1", "", sku="", variation_color_value=None, external_identifiers=[])
    assert imported(zipped(products=products(emptied))).updated == 1
    made = Product.objects.get()
    assert (made.name, made.sku, made.color, made.size) == ("Éclair", "", "", "M")
    assert not made.identifiers.exists()


def test_a_product_without_a_title_is_called_by_its_id(db):
    imported(zipped(products=products({"product_id": "Ünnamed", "variant_group_id": "G"})))
    made = Product.objects.get()
    assert (made.name, made.name_key) == ("Ünnamed", sort_key("Ünnamed"))


def test_the_same_file_twice_writes_not_one_row(euro):
    ids = [[{"type": "upc", "value": str(n)}, {"type": "ean", "value": str(n)}] for n in range(20)]
    items = [product(f"Q-{n}", external_identifiers=ids[n]) for n in range(20)]
    file = zipped(
        products=products(*items, EVERYTHING),
        prices=prices(*({"product_id": f"Q-{n}", "value": 10 + n} for n in range(20))),
    )
    assert told(imported(file, "products", "prices")) == ("FINISHED", 41, 41, 0, 0)
    before = versions()
    assert len(before) == 21 + 41 + 20
    again = imported(file, "products", "prices")
    assert told(again) == ("FINISHED", 41, 0, 0, 0)
    assert sum(again.chunks.values_list("written", flat=True)) == 0
    assert versions() == before


def test_control_one_changed_letter_writes_one_row(db):
    imported(zipped(products=products(product("P-1"), product("P-2"))))
    before = versions()
    again = imported(zipped(products=products(product("P-1"), product("P-2", "A name!"))))
    assert (again.created, again.updated) == (0, 1)
    assert sum(again.chunks.values_list("written", flat=True)) == 1
    assert len(set(before) - set(versions())) == 1


def test_identifiers_become_those_of_the_file(db):
    ids = [
        {"type": "ean", "value": "1"},
        {"type": "ean", "value": "2"},
        {"type": "ean", "value": "1"},
    ]
    imported(zipped(products=products(product("P-1", external_identifiers=ids))))
    kept = ProductIdentifier.objects.get(value="2").pk
    changed = [{"type": "ean", "value": "2"}, {"type": "upc", "value": "3"}]
    import_ = imported(zipped(products=products(product("P-1", external_identifiers=changed))))
    assert (import_.created, import_.updated) == (0, 1)
    assert set(ProductIdentifier.objects.values_list("type", "value")) == {
        ("ean", "2"),
        ("upc", "3"),
    }
    assert ProductIdentifier.objects.get(value="2").pk == kept


def test_prices_are_set_and_changed(euro):
    Product.objects.create(product_id="P-1", name="x")
    import_ = imported(zipped(prices=prices({"product_id": "P-1", "value": 19.99})), "prices")
    assert told(import_) == ("FINISHED", 1, 1, 0, 0)
    import_ = imported(zipped(prices=prices({"product_id": "P-1", "value": "20"})), "prices")
    assert told(import_) == ("FINISHED", 1, 0, 1, 0)
    assert Price.objects.get().value == Decimal("20.00")


def test_the_head_may_stand_behind_the_items(db):
    file = b'{"items": [{"product_id": "P", "variant_group_id": "G"}], "head": {"locale": "en"}} '
    assert imported(zipped(products=file)).state == "FINISHED"


def test_several_files_of_one_kind_are_read_in_order_of_their_names(db):
    file = zipped(**{
        "b/products_2.json": products(product("P", "second")),
        "b/products_1.json": products(product("P", "first"), product("Q")),
    })  # fmt: skip
    import_ = imported(file)
    assert told(import_) == ("FINISHED", 3, 2, 1, 0)
    assert Product.objects.get(product_id="P").name == "second"


def test_bad_rows_are_told_with_row_cause_and_fix_and_the_good_ones_written(db):
    file = zipped(products=products(product("P-1"), product(""), product("P-3", sku=7)))
    import_ = imported(file)
    assert told(import_) == ("PARTIALLY_FAILED", 3, 1, 0, 2)
    problems = list(import_.problems.order_by("row"))
    assert [(p.file, p.chunk, p.row, p.column, p.entity_id, p.entity_type) for p in problems] == [
        ("products.json", 1, 2, "product_id", "", "products"),
        ("products.json", 1, 3, "sku", "P-3", "products"),
    ]
    assert all(p.cause and p.fix for p in problems)


def test_a_chunk_with_fifty_bad_rows_writes_nothing_and_the_next_one_does(db, monkeypatch):
    monkeypatch.setattr(staging, "CHUNK", 100)
    bad = [product("")] * 50
    items = [product(f"A-{n}") for n in range(50)] + bad + [product(f"B-{n}") for n in range(10)]
    import_ = imported(zipped(products=products(*items)))
    assert told(import_) == ("PARTIALLY_FAILED", 110, 10, 0, 50)
    chunks = import_.chunks.order_by("number").values_list("size", "failed", "written")
    assert list(chunks) == [(100, True, 0), (10, False, 10)]
    assert not Product.objects.filter(product_id__startswith="A").exists()


def test_control_with_forty_nine_bad_rows_it_writes_the_good_ones(db):
    items = [product(f"A-{n}") for n in range(50)] + [product("")] * 49
    assert imported(zipped(products=products(*items))).created == 50


def test_an_import_of_nothing_but_bad_chunks_has_failed(db):
    import_ = imported(zipped(products=products(*[product("")] * 50)))
    assert import_.state == "FAILED"
    assert import_.reason


def test_a_product_that_stands_twice_counts_where_it_stands_first(db, monkeypatch):
    monkeypatch.setattr(staging, "CHUNK", 2)
    items = product("P", "first"), product("Q"), product("P", "second")
    import_ = imported(zipped(products=products(*items)))
    assert told(import_) == ("PARTIALLY_FAILED", 3, 2, 0, 1)
    assert Product.objects.get(product_id="P").name == "first"
    assert "row 1" in import_.problems.get(row=3).cause


def test_killed_between_chunks_and_run_again_each_is_written_once(transactional_db, monkeypatch):
    monkeypatch.setattr(staging, "CHUNK", 2)
    import_ = prepared(zipped(products=products(*(product(f"P-{n}") for n in range(7)))))
    with transaction.atomic():
        actions.queue(import_.pk, None, "api")
    write, calls = applying.Rows.write, []

    def dying(rows, chunk):
        calls.append(chunk)
        if len(calls) == 3:
            raise ConnectionError("killed")
        return write(rows, chunk)

    monkeypatch.setattr(applying.Rows, "write", dying)
    work()
    import_.refresh_from_db()
    assert (Product.objects.count(), import_.state, import_.chunks.count()) == (4, "PROCESSING", 2)
    first = versions()
    Job.objects.update(due_at="2020-01-01T00:00Z")
    work()
    import_.refresh_from_db()
    assert calls == [1, 2, 3, 3, 4], "the two chunks that were written are not written again"
    assert told(import_) == ("FINISHED", 7, 7, 0, 0)
    assert set(first) <= set(versions())
    assert Job.objects.get().state == "DONE"


def test_a_full_import_ends_what_the_file_does_not_name(euro):
    imported(zipped(products=products(product("P-1"), product("P-2"))))
    file = prices({"product_id": "P-1", "value": 1}, {"product_id": "P-2", "value": 2})
    imported(zipped(prices=file), "prices")
    imported(zipped(products=products(product("P-1"))), full=True)
    imported(zipped(prices=prices({"product_id": "P-2", "value": 2})), "prices", full=True)
    assert list(Product.objects.filter(is_active=True).values_list("product_id", flat=True)) == [
        "P-1"
    ]
    assert Price.objects.get().product.product_id == "P-2"


def test_a_full_import_of_several_files_ends_what_none_of_them_names(euro):
    gbp = Pricebook.objects.create(name="GBP", currency="GBP")
    names = [f"P-{n}" for n in range(5)]
    imported(zipped(products=products(*map(product, names))))
    for book in ("EUR", "GBP"):
        told = [{"product_id": name, "value": 1} for name in names]
        imported(zipped(prices=prices(*told, pricebook=book, currency=book)), "prices")
    file = zipped(**{
        "products_1.json": products(product("P-0"), product("P-1")),
        "products_2.json": products(product("P-2")),
        "prices_1.json": prices({"product_id": "P-1", "value": 1}),
        "prices_2.json": prices({"product_id": "P-2", "value": 1}),
        "prices_3.json": prices({"product_id": "P-3", "value": 1}, pricebook="GBP", currency="GBP"),
    })  # fmt: skip
    assert imported(file, "products", "prices", full=True).state == "FINISHED"
    active = Product.objects.filter(is_active=True).values_list("product_id", flat=True)
    assert sorted(active) == ["P-0", "P-1", "P-2"]
    kept = Price.objects.values_list("pricebook__name", "product__product_id")
    assert sorted(kept) == [("EUR", "P-1"), ("EUR", "P-2"), (gbp.name, "P-3")]


def test_a_full_import_that_names_nothing_ends_nothing(euro):
    imported(zipped(products=products(product("P-1"))))
    imported(zipped(prices=prices({"product_id": "P-1", "value": 1})), "prices")
    for file, entity in ((products(), "products"), (prices(), "prices")):
        import_ = imported(zipped(**{entity: file}), entity, full=True)
        assert (import_.state, "names nothing" in import_.reason) == ("FAILED", True)
    assert Product.objects.get().is_active
    assert Price.objects.exists()


def test_control_an_import_that_is_not_full_may_be_empty(db):
    assert told(imported(zipped(products=products()))) == ("FINISHED", 0, 0, 0, 0)


def test_a_full_import_with_a_bad_row_ends_nothing(db):
    imported(zipped(products=products(product("P-1"), product("P-2"))))
    imported(zipped(products=products(product("P-1"), product(""))), full=True)
    assert Product.objects.filter(is_active=True).count() == 2


# ------------------------------------------------------------ from the browser
def test_an_upload_is_checked_and_writes_nothing_until_it_is_told_to(transactional_db):
    import_ = uploaded(products(product("P-1"), product("P-2")))
    assert (told(import_), import_.is_rehearsal) == (("FINISHED", 2, 2, 0, 0), True)
    assert not Product.objects.exists()
    with transaction.atomic():
        actions.write(pk=import_.pk, by=None)
    work()
    import_.refresh_from_db()
    assert (told(import_), import_.is_rehearsal) == (("FINISHED", 2, 2, 0, 0), False)
    assert Product.objects.count() == 2


def test_an_upload_with_one_bad_row_writes_nothing_at_all(transactional_db):
    import_ = uploaded(products(product("P-1"), product("")))
    assert told(import_) == ("FAILED", 2, 1, 0, 1)
    with pytest.raises(actions.WrongState), transaction.atomic():
        actions.write(pk=import_.pk, by=None)
    assert not Product.objects.exists()


def test_a_file_is_imported_once_only(transactional_db):
    import_ = uploaded(products(product("P-1")))
    with transaction.atomic():
        actions.write(pk=import_.pk, by=None)
    work()
    with pytest.raises(actions.WrongState), transaction.atomic():
        actions.write(pk=import_.pk, by=None)


def test_what_got_wrong_after_the_check_undoes_the_whole_file(transactional_db, monkeypatch):
    monkeypatch.setattr(staging, "CHUNK", 1)
    euro = Pricebook.objects.create(name="EUR", currency="EUR")
    for name in ("P-1", "P-2"):
        Product.objects.create(product_id=name, name=name)
    file = prices({"product_id": "P-1", "value": 1}, {"product_id": "P-2", "value": 2})
    import_ = uploaded(file, "prices")
    Product.objects.filter(product_id="P-2").delete()
    with transaction.atomic():
        actions.write(pk=import_.pk, by=None)
    work()
    import_.refresh_from_db()
    assert (import_.state, Price.objects.filter(pricebook=euro).count()) == ("FAILED", 0)
    assert "nothing was written" in import_.reason


@pytest.mark.parametrize("comma", [",", ";", "\t"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_csv_is_read_with_any_usual_comma(transactional_db, comma, mark):
    rows = [
        ["product_id", "variant_group_id", "title", "is_active", "identifier_ean"],
        ["P-1", "G", '"Two\r\nlines \u2028 and ""quotes"""', "no", "123"],
        ["P-2", "G", "", "", ""],
    ]
    data = mark + "\r\n".join(comma.join(row) for row in rows).encode()
    import_ = uploaded(data, name="p.csv")
    assert told(import_) == ("FINISHED", 2, 2, 0, 0), import_.reason
    with transaction.atomic():
        actions.write(pk=import_.pk, by=None)
    work()
    made = Product.objects.get(product_id="P-1")
    assert (made.name, made.is_active) == ('Two\r\nlines \u2028 and "quotes"', False)
    assert made.identifiers.get().value == "123"


def test_a_csv_of_prices_takes_the_chosen_pricebook(transactional_db):
    Pricebook.objects.create(name="EUR", currency="EUR")
    Product.objects.create(product_id="P-1", name="x")
    import_ = uploaded(b"product_id,value\nP-1,9.90\nP-2,1\n", "prices", "p.csv", pricebook="EUR")
    assert told(import_) == ("FAILED", 2, 1, 0, 1)
    assert import_.problems.get().row == 3


# ------------------------------------------------------------ receiving and ending
def test_no_more_imports_are_open_than_may_be(db):
    for _number in range(PRODUCTS.most_open):
        actions.receive(entities=["products"], owner=None)
    with pytest.raises(actions.TooManyOpen, match="products"):
        actions.receive(entities=["products"], owner=None)
    for _number in range(actions.MOST_OPEN - PRODUCTS.most_open):
        actions.receive(entities=["prices"], owner=None)
    with pytest.raises(actions.TooManyOpen):
        actions.receive(entities=["prices"], owner=None)
    assert Import.objects.count() == actions.MOST_OPEN


def test_what_was_never_started_stops_counting_after_a_day(db):
    for _number in range(PRODUCTS.most_open):
        actions.receive(entities=["products"], owner=None)
    Import.objects.update(received_at="2020-01-01T00:00Z")
    actions.receive(entities=["products"], owner=None)
    assert Import.objects.filter(state="FAILED").count() == PRODUCTS.most_open


@pytest.mark.parametrize("entities", [[], ["dwre_orders"], ["products", "x" * 500]])
def test_what_is_not_imported_here_is_refused(db, entities):
    with pytest.raises(ActionError):
        actions.receive(entities=entities, owner=None)
    assert not Import.objects.exists()


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd",
        "s3://bucket/products.zip",
        "ftp://example.org/products.zip",
        "http://example.org/products.zip",
        "https://127.0.0.1/products.zip",
        "https://169.254.169.254/products.zip",
        "https://10.0.0.1/products.zip",
        "https://[::1]/products.zip",
        "https://localhost/products.zip",
        "https://user:password@example.org/products.zip",
        "https://example.org/products.json",
        "",
        "products.zip",
    ],
)
def test_an_address_of_no_public_zip_is_refused_and_nothing_started(db, address):
    import_ = actions.receive(entities=["products"], owner=None)
    with pytest.raises(ActionError):
        actions.start(pk=import_.pk, transformed_uri=address, by=None)
    import_.refresh_from_db()
    assert (import_.state, Job.objects.count()) == ("RECEIVED", 0)


def test_an_import_is_started_once(db):
    import_ = actions.receive(entities=["products"], owner=None)
    with transaction.atomic():
        actions.start(pk=import_.pk, transformed_uri="https://example.org/p.zip", by=None)
    with pytest.raises(actions.WrongState), transaction.atomic():
        actions.start(pk=import_.pk, transformed_uri="https://example.org/p.zip", by=None)
    assert Job.objects.count() == 1


def test_an_import_that_was_set_to_failed_writes_nothing_more(transactional_db, monkeypatch):
    monkeypatch.setattr(staging, "CHUNK", 1)
    import_ = prepared(zipped(products=products(product("P-1"), product("P-2"))))
    count = writing.count

    def failed_meanwhile(*arguments):
        count(*arguments)
        Import.objects.filter(pk=import_.pk).update(state="FAILED", reason="by hand")

    monkeypatch.setattr(writing, "count", failed_meanwhile)
    assert running.run(import_.pk, Silent()) == {}
    import_.refresh_from_db()
    assert (Product.objects.count(), import_.reason) == (1, "by hand")


def test_set_fail_ends_an_open_import_once(db):
    import_ = prepared(b"")
    with transaction.atomic():
        assert actions.set_fail(pk=import_.pk, reason="wrong file").state == "FAILED"
    with pytest.raises(actions.WrongState), transaction.atomic():
        actions.set_fail(pk=import_.pk, reason="again")
    with pytest.raises(ActionError, match="ended"):
        running.run(import_.pk, Silent())


def test_a_job_that_was_cancelled_before_it_began_ends_its_import(transactional_db):
    import_ = prepared(zipped(products=products(product("P"))))
    with transaction.atomic():
        actions.queue(import_.pk, None, "api")
    jobs.cancel(pk=Job.objects.get().pk)
    actions.forget_the_past()
    import_.refresh_from_db()
    assert (import_.state, import_.reason) == ("FAILED", "It was cancelled.")


def test_ended_imports_are_kept_for_thirty_days(db):
    for state in ("FINISHED", "WAITING"):
        import_ = prepared(b"x", state=state)
        ImportChunk.objects.create(of=import_, entity="products", number=1, size=1)
    Import.objects.update(received_at="2020-01-01T00:00Z")
    actions.forget_the_past()
    assert list(Import.objects.values_list("state", flat=True)) == ["WAITING"]
