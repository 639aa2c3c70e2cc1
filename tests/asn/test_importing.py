"""Despatch advices become ASNs through Tools > Imports and the command, once, or not at all."""

import io
import re
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import transaction

from asn import actions
from asn.models import Asn, AsnLine
from omnichannel.catalog.models import Product, ProductIdentifier, ScanIdentifier
from omnichannel.documents import ActionError
from omnichannel.imports import actions as imports
from omnichannel.imports import pieces, running
from omnichannel.imports import tasks as runners  # noqa: F401 — registers the runner
from omnichannel.imports.edi import acting
from omnichannel.imports.models import Import
from omnichannel.jobs.models import Job
from omnichannel.jobs.progress import Silent
from omnichannel.jobs.runners import work
from tests.people import person, signed_in

from .messages import CROSSDOCK, DATA, DESADV, GTINS, LABELS, TWO_ORDERS, one_order, x12

SHIPPED = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("omnichannel.jobs.actions.current_app.send_task", lambda *a, **k: None)


@pytest.fixture
def catalogue(dock: Any) -> Any:
    return stocked(dock)


@pytest.fixture
def busy_catalogue(busy_dock: Any) -> Any:
    """Where a job runs, which commits."""
    return stocked(busy_dock)


def stocked(dock: Any) -> Any:
    """Products of the dock by GTIN; a person who may import, and acts in Berlin only."""
    for position, kind in enumerate(("product_id", "sku", "ean", "upc"), start=1):
        ScanIdentifier.objects.update_or_create(kind=kind, defaults={"position": position})
    for product, gtin in zip(dock.products, GTINS, strict=False):
        ProductIdentifier.objects.create(product=product, type="ean", value=gtin)
    dock.erp_user = person("sender", "Integration", stores=(dock.berlin,))
    return dock


def bring(data: bytes, by: Any, name: str = "some.edi", **options: str) -> Import:
    """What the job of a file that is written at once does; refused or not."""
    import_ = imports.rehearsal("asns", name, options, by)
    Import.objects.filter(pk=import_.pk).update(is_rehearsal=False)
    pieces.keep(import_, io.BytesIO(data))
    with suppress(ActionError):
        running.run(import_.pk, Silent())
    import_.refresh_from_db()
    return import_


def told(import_: Import, *, is_warning: bool = False) -> list[tuple[int, str, str]]:
    rows = import_.problems.filter(is_warning=is_warning).order_by("id")
    return [(each.row, each.entity_id, each.cause) for each in rows]


def lines_of(asn: Asn) -> list[tuple[str, int, str, str]]:
    rows = asn.lines.order_by("product__product_id", "carton_id")
    return list(rows.values_list("product__product_id", "expected", "carton_id", "raw_code"))


def test_a_desadv_becomes_the_asn_that_it_tells_of(catalogue):
    import_ = bring(DESADV.read_bytes(), catalogue.erp_user, "desadv.edifact")
    assert (import_.state, import_.created, import_.errors) == ("FINISHED", 1, 0), import_.reason
    asn = Asn.objects.get()
    assert (asn.number, asn.po_number, asn.source) == ("DES-2026-17", "PO-4500", "FILE")
    assert (asn.origin, asn.destination) == (catalogue.dc, catalogue.berlin)
    # Half past nine on the wall in Berlin.
    assert asn.shipped_at == datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
    assert f"{asn.expected_date:%Y-%m-%d}" == "2026-03-05"
    assert asn.import_reference == str(import_.uuid)
    assert (asn.shipment_ref, asn.product_count, asn.expected_total) == ("DES-2026-17", 2, 32)
    assert lines_of(asn) == [
        ("P0", 24, LABELS[0], ""),
        ("P0", 2, LABELS[1], ""),
        ("P1", 6, LABELS[1], ""),
    ]


def test_the_same_message_again_changes_nothing_and_says_so(catalogue):
    bring(TWO_ORDERS.read_bytes(), catalogue.erp_user)
    before = list(Asn.objects.order_by("pk").values())
    again = bring(TWO_ORDERS.read_bytes(), catalogue.erp_user)
    assert (again.state, again.created, again.errors) == ("FINISHED", 0, 0)
    assert [text.split(":")[0] for _row, _id, text in told(again, is_warning=True)] == [
        "asn_already_exists"
    ] * 2
    assert list(Asn.objects.order_by("pk").values()) == before


def test_the_same_message_twice_in_one_file_makes_its_asns_once(catalogue):
    whole = TWO_ORDERS.read_bytes()
    import_ = bring(whole + b"\n" + whole, catalogue.erp_user)
    assert (import_.state, import_.rows, import_.created) == ("FINISHED", 4, 2)
    assert Asn.objects.count() == 2


def test_the_same_number_with_something_else_in_it_is_refused(catalogue):
    bring(x12(one_order("SK*S0")), catalogue.erp_user)
    other = bring(x12(one_order("SK*S1"), one_order("SK*S2", reference="S-2")), catalogue.erp_user)
    assert other.state == "FAILED"
    ((row, number, cause),) = told(other)
    assert (row, number) == (9, "S-1")
    assert cause.startswith("asn_already_exists: ASN S-1 exists already")
    assert [asn.number for asn in Asn.objects.all()] == ["S-1"]


def test_a_real_shipment_becomes_two_asns_with_the_raw_codes_that_are_wrong(catalogue):
    """Its ends are none of ours: they are told beside it."""
    codes = re.findall(rb"(?:UP|EN)\*(\d+)", CROSSDOCK.read_bytes())
    for code in dict.fromkeys(codes):
        product = Product.objects.create(product_id=f"X{code.decode()[-4:]}", name="A product")
        # The catalogue has them as UPC, a digit shorter than the message.
        value = code.decode()[1:]
        ProductIdentifier.objects.create(product=product, type="upc", value=value)
    beside = {"origin": "DC-1", "destination": "DE-01"}
    import_ = bring(CROSSDOCK.read_bytes(), catalogue.erp_user, **beside)
    assert (import_.state, import_.created) == ("FINISHED", 2), (import_.reason, told(import_))
    first, second = Asn.objects.order_by("number")
    assert (first.number, second.number) == ("000009-POREF00", "000009-POREF01")
    assert lines_of(first)[0] == ("X0203", 12, "00000715670002152391", "0000000000203")
    assert lines_of(second) == [("X0642", 12, "00000715670002152111", "0000000000642")]
    strange = [code for _row, code, _cause in told(import_, is_warning=True)]
    assert "00000715670002152111" in strange
    assert "0000000000831" in strange
    assert not told(import_)


def test_products_that_are_not_in_the_catalogue_are_named_by_segment_and_nothing_is_written(
    catalogue,
):
    good, bad = (
        one_order("SK*S0"),
        one_order("SK*S1", "SK*GONE", "UP*999999999999", reference="S-2"),
    )
    import_ = bring(x12(good, bad), catalogue.erp_user)
    assert (import_.state, import_.errors) == ("FAILED", 2)
    assert [(row, code) for row, code, _cause in told(import_)] == [
        (27, "GONE"),
        (30, "999999999999"),
    ]
    assert all("No product is known as" in cause for _row, _code, cause in told(import_))
    assert not Asn.objects.exists()


def test_a_code_of_ours_is_believed_before_the_suppliers(catalogue):
    lines = one_order(f"VN*S5*UP*{GTINS[0]}*SK*S0")
    assert bring(x12(lines), catalogue.erp_user).state == "FINISHED"
    assert lines_of(Asn.objects.get()) == [("P0", 5, "", "")]


def test_codes_that_name_different_products_or_several_are_refused(catalogue):
    Product.objects.create(product_id="P9", sku="S0", name="Same SKU")
    lines = one_order(f"SK*S2*EN*{GTINS[0]}", "SK*S0")
    import_ = bring(x12(lines), catalogue.erp_user)
    first, second = (cause for _row, _code, cause in told(import_))
    assert "name different products: SK S2 (P2), EN 2010000000014 (P0)" in first
    assert "SK S0 is borne by several products" in second
    assert not Asn.objects.exists()


def test_a_store_that_is_not_his_is_refused_like_one_that_is_not_there(catalogue):
    causes = []
    for store in ("GB-01", "XX-99"):
        lines = [text.replace("DE-01", store) for text in one_order("SK*S0")]
        (_row, code, cause) = told(bring(x12(lines), catalogue.erp_user))[0]
        causes.append(cause.replace(code, "…"))
    assert len(set(causes)) == 1
    assert "no location of ours for you to act in" in causes[0]
    beside = one_order("SK*S0")
    beside = [text.replace("DE-01", "unknown") for text in beside]
    assert bring(x12(beside), catalogue.erp_user, destination="GB-01").state == "FAILED"
    assert not Asn.objects.exists()
    assert bring(x12(beside), catalogue.erp_user, destination="DE-01").state == "FINISHED"


def test_nobody_s_file_announces_nothing(catalogue):
    """Whoever brought it in is gone."""
    assert bring(x12(one_order("SK*S0")), None).state == "FAILED"


def test_a_broken_envelope_behind_good_messages_refuses_them_all(catalogue):
    whole = x12(one_order("SK*S0")) + x12(one_order("SK*S1", reference="S-2"))
    import_ = bring(whole.replace(b"IEA*1*000000007~\n", b"", 1), catalogue.erp_user)
    assert (import_.state, import_.rows) == ("FAILED", 0)
    assert "IEA of ISA 000000007 is missing before it" in import_.reason
    assert not Asn.objects.exists()


def test_a_file_without_a_despatch_advice_says_what_it_holds(catalogue):
    orders = (DATA / "ediengine/850.OK.edi").read_bytes()
    assert "but: X12 850" in bring(orders, catalogue.erp_user).reason


@pytest.mark.parametrize(
    ("field", "lines"),
    [
        ("number", one_order("SK*S0", reference="R" * 257)),
        ("purchase order", one_order("SK*S0", po="P" * 257)),
        ("carton", [*one_order("SK*S0"), "HL*9*3*P", f"MAN*CP*{'C' * 257}"]),
        ("quantity", one_order("SK*S0", units=10**11)),
        ("both ends", [t.replace("*DC-1", "*DE-01") for t in one_order("SK*S0")]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_no_asn_may_be_is_told_at_its_segment(catalogue, field, lines):
    import_ = bring(x12(lines), catalogue.erp_user)
    assert (import_.state, len(told(import_))) == ("FAILED", 1)
    assert told(import_)[0][0] > 2
    assert not Asn.objects.exists()


def test_naughty_strings_come_in_as_they_are_or_not_at_all(catalogue):
    strings = (DATA.parent / "bad-input/blns/blns.txt").read_text(encoding="utf-8").splitlines()
    wanted = [text.strip() for text in strings if 0 < len(text.strip()) < 200 and text[0] != "#"]
    usable = [t for t in dict.fromkeys(wanted) if not set(t) & set("*~>\n\0")][:60]
    sets = [one_order("SK*S0", po=text, reference=f"S-{n}") for n, text in enumerate(usable)]
    import_ = bring(x12(*sets), catalogue.erp_user)
    assert (import_.state, import_.created) == ("FINISHED", len(usable)), import_.reason
    kept = dict(Asn.objects.values_list("number", "po_number"))
    assert kept == {f"S-{n}": text for n, text in enumerate(usable)}


def test_a_large_message_asks_no_more_than_a_small_one(catalogue, django_assert_max_num_queries):
    Product.objects.bulk_create(
        Product(product_id=f"L{n}", sku=f"L{n}", name="x", name_key="x") for n in range(1_000)
    )
    codes = [f"SK*L{n}" for n in range(1_000)]
    with django_assert_max_num_queries(110):
        import_ = bring(x12(one_order(*codes)), catalogue.erp_user)
    assert (import_.state, AsnLine.objects.count()) == ("FINISHED", 1_000), import_.reason


def test_more_lines_than_an_asn_holds_are_refused(catalogue, monkeypatch):
    monkeypatch.setattr("asn.actions.creating.MOST_LINES", 3)
    import_ = bring(x12(one_order("SK*S0", "SK*S1", "SK*S2", "SK*S3")), catalogue.erp_user)
    assert "at most 3 lines, this one 4" in told(import_)[0][2]


# ------------------------------------------------------------ from the browser
def upload(client: Any, data: bytes, name: str = "today.x12", **fields: str) -> Any:
    file = SimpleUploadedFile(name, data)
    return client.post("/tools/imports/new/asns/", {"file": file, **fields})


def words(client: Any, page: str) -> str:
    return " ".join(re.sub("<[^>]+>", " ", client.get(page).content.decode()).split())


def test_a_file_is_checked_then_written_from_the_browser(busy_catalogue):
    client = signed_in(busy_catalogue.erp_user)
    assert "ASNs (X12 856, EDIFACT DESADV)" in words(client, "/tools/imports/new/asns/")
    data = x12(one_order(f"UP*{GTINS[0][:-1]}9*SK*S0"), usage="T")
    page = upload(client, data)["Location"]
    work()
    assert not Asn.objects.exists()
    shown = words(client, page)
    assert "1 new and 0 changed" in shown
    assert "The sender marks the message as a test." in shown
    assert "2010000000019 is no GTIN" in shown
    client.post(page, {"act": "write"})
    work()
    assert (Import.objects.get().state, Asn.objects.get().number) == ("FINISHED", "S-1")
    asn = f"/store-operations/inventory/asns/{Asn.objects.get().uuid}/"
    assert f'href="{page}">{Import.objects.get().uuid}</a>' in client.get(asn).content.decode()
    again = upload(client, data)["Location"]
    work()
    assert "nothing that differs from what is here" in words(client, again)
    assert "asn_already_exists" in words(client, again)


def test_a_foreign_store_is_refused_in_the_browser_and_cannot_be_written(busy_catalogue):
    client = signed_in(busy_catalogue.erp_user)
    foreign = [text.replace("DE-01", "GB-01") for text in one_order("SK*S0")]
    page = upload(client, x12(foreign), origin="DC-1")["Location"]
    work()
    shown = words(client, page)
    assert "no location of ours for you to act in: ST GB-01 Shop" in shown
    assert "Import now" not in shown
    client.post(page, {"act": "write"})
    work()
    assert not Asn.objects.exists()


def test_who_may_not_receive_brings_in_no_asn(catalogue):
    client = signed_in(person("office", "Corporate Operations"))
    assert upload(client, x12(one_order("SK*S0"))).status_code == 403
    assert not Import.objects.exists()


def test_an_import_of_asns_is_no_import_of_the_contract(catalogue):
    with pytest.raises(ActionError, match="from the browser only"):
        imports.receive(entities=["asns"], owner=catalogue.erp_user)


# ------------------------------------------------------------ at once, and killed
class Killed(BaseException):
    pass


def queued(data: bytes, by: Any) -> Import:
    with transaction.atomic():
        import_ = imports.rehearsal("asns", "some.edi", {}, by)
        Import.objects.filter(pk=import_.pk).update(is_rehearsal=False)
        pieces.keep(import_, io.BytesIO(data))
        return imports.queue(import_.pk, by, "write")


def test_a_job_that_is_killed_in_the_middle_runs_again_and_creates_each_asn_once(
    busy_catalogue, monkeypatch
):
    sets = [one_order("SK*S0", reference=f"S-{n}") for n in range(4)]
    import_ = queued(x12(*sets), busy_catalogue.erp_user)
    write, seen = acting.Papers.write, []

    def stopping(advices: Any, chunk: int) -> Any:
        effect = write(advices, chunk)
        seen.append(chunk)
        if len(seen) == 3:
            raise Killed
        return effect

    monkeypatch.setattr(acting.Papers, "write", stopping)
    with pytest.raises(Killed):
        work()
    assert not Asn.objects.exists()
    Job.objects.update(lease_until="2020-01-01T00:00Z")
    work()
    import_.refresh_from_db()
    assert (import_.state, import_.created, Asn.objects.count()) == ("FINISHED", 4, 4)
    assert Job.objects.get().attempts == 2


def test_a_job_that_dies_after_its_commit_creates_nothing_again(busy_catalogue, monkeypatch):
    import_ = queued(x12(one_order("SK*S0")), busy_catalogue.erp_user)
    monkeypatch.setattr(running, "conclude", lambda import_: (_ for _ in ()).throw(Killed))
    with pytest.raises(Killed):
        work()
    before = Asn.objects.get().pk
    monkeypatch.undo()
    Job.objects.update(lease_until="2020-01-01T00:00Z")
    work()
    import_.refresh_from_db()
    assert (import_.state, import_.created, Asn.objects.get().pk) == ("FINISHED", 1, before)


def test_a_number_that_is_taken_between_check_and_write_refuses_the_whole_file(
    catalogue, monkeypatch
):
    stage = acting.Papers.stage

    def overtaken(advices: Any, items: Any, progress: Any) -> Any:
        staged = stage(advices, items, progress)
        catalogue.bare_asn("S-2")
        return staged

    monkeypatch.setattr(acting.Papers, "stage", overtaken)
    import_ = bring(
        x12(one_order("SK*S0"), one_order("SK*S0", reference="S-2")), catalogue.erp_user
    )
    assert import_.state == "FAILED"
    assert "S-2 exists already" in import_.reason
    assert [asn.number for asn in Asn.objects.all()] == ["S-2"]


# ------------------------------------------------------------ the command
def command(*args: str) -> tuple[str, str, str]:
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("import_asns", *args, stdout=out, stderr=err)
    except CommandError as refused:
        return out.getvalue(), err.getvalue(), str(refused)
    return out.getvalue(), err.getvalue(), ""


def test_the_command_brings_files_in_once(catalogue, tmp_path):
    broken = tmp_path / "broken.edi"
    broken.write_bytes(x12(one_order("SK*GONE")).removesuffix(b"IEA*1*000000007~\n"))
    said, warned, refused = command(str(DESADV), str(broken), "--by", "sender")
    assert "1 rows: 1 new" in said
    assert "The file ends before IEA" in said
    assert refused == f"Nothing was written of {broken}."
    said, warned, refused = command(str(DESADV), "--by", "sender")
    assert "0 new" in said
    assert "warning: desadv.edi, segment 2 (UNH): asn_already_exists" in warned
    assert (refused, Asn.objects.count()) == ("", 1)


def test_the_command_checks_without_writing_and_says_what_is_wrong(catalogue, tmp_path):
    file = tmp_path / "some.txt"
    file.write_bytes(x12(one_order("SK*S0", "SK*GONE")))
    _said, warned, refused = command(str(file), "--by", "sender", "--check")
    assert "error: some.txt, segment 15 (LIN): No product is known as SK GONE." in warned
    assert refused
    file.write_bytes(x12(one_order("SK*S0")))
    assert command(str(file), "--by", "sender", "--check")[2] == ""
    assert not Asn.objects.exists()


def test_a_command_that_breaks_off_leaves_no_import_open(catalogue, monkeypatch):
    def interrupted(advices: Any, chunk: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(acting.Papers, "write", interrupted)
    with pytest.raises(KeyboardInterrupt):
        command(str(DESADV), "--by", "sender")
    assert (Import.objects.get().state, Import.objects.get().reason) == ("FAILED", "It broke off.")
    assert not Asn.objects.exists()


def test_the_command_needs_somebody_who_may_and_files_that_are_there(catalogue, tmp_path):
    assert "no user who may" in command(str(DESADV), "--by", "viewer")[2]
    assert "no user who may" in command(str(DESADV), "--by", "nobody-at-all")[2]
    _said, warned, refused = command(str(tmp_path / "gone.edi"), "x.pdf", "--by", "sender")
    assert "No such file" in warned
    assert "ends with none of" in warned
    assert "gone.edi, x.pdf" in refused
    assert not Import.objects.exists()


def test_create_asn_is_the_act_that_all_of_it_goes_through(catalogue, monkeypatch):
    """A control: without it nothing comes in, whatever the file says."""

    def refused(**values: Any) -> None:
        raise ActionError("No ASN today.")

    monkeypatch.setattr("asn.actions.announcing.create_asn", refused)
    import_ = bring(DESADV.read_bytes(), catalogue.erp_user)
    assert [cause for _row, _code, cause in told(import_)] == ["No ASN today."]
    monkeypatch.setattr("asn.actions.announcing.create_asn", actions.create_asn)
    assert bring(DESADV.read_bytes(), catalogue.erp_user).created == 1
