"""A kind is a declaration: another one is on the pages and goes its way without a line elsewhere."""

import re
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from omnichannel.catalog.models import Product
from omnichannel.documents import ActionError
from omnichannel.imports import actions, kinds
from omnichannel.imports.archive import Source
from omnichannel.imports.kinds import Kind
from omnichannel.imports.models import Import
from omnichannel.imports.reading import Format
from omnichannel.imports.rows import BadFile, BadRow, Item
from omnichannel.imports.staging import Effect, Staged
from omnichannel.jobs.runners import work
from tests.people import person, signed_in

from .files import imported, zipped


def messages(source: Source) -> Iterator[Item]:
    """One message a line, `product name`, as a text format without rows and columns."""
    text = source.open().read().decode()
    for number, line in enumerate(text.splitlines(), start=1):
        yield Item(number, {"line": line})


class OneByOne:
    """A writer whose items are acts: each message makes a product."""

    target = ""

    def stage(self, items, progress):
        staged, self.chunks = Staged.nothing(), {}
        for row, fields in items:
            staged.rows[row] += 1
            name, _blank, title = fields["line"].partition(" ")
            if title:
                self.chunks[row] = name, title
            else:
                bad = BadRow("The message has no title.", "Write one.", "title")
                staged.leave_out(row, row, bad, name)
        return staged

    def compare(self, chunk):
        return Effect(created=int(chunk in self.chunks))

    def write(self, chunk):
        name, title = self.chunks[chunk]
        Product.objects.create(product_id=name, name=title)
        return Effect(created=1, written=1)

    def remember(self):
        raise AssertionError("Nothing of this kind is full.")

    clean = remember


NOTES = Kind(
    name="notes",
    label="Delivery notes",
    permissions=("asn.force_close_asns",),
    formats={".edi": Format(lambda source: {}, messages)},
    writer=lambda import_, source, head: OneByOne(),
)


@pytest.fixture(autouse=True)
def declared(settings, monkeypatch) -> None:
    monkeypatch.setattr("omnichannel.jobs.actions.current_app.send_task", lambda *a, **k: None)
    settings.IMPORT_KINDS = [*settings.IMPORT_KINDS, f"{__name__}.NOTES"]


@pytest.fixture
def keeper(transactional_db: None) -> Client:
    """May close ASNs and view tools, and change no product."""
    return signed_in(person("keeper", "Corporate Operations"))


def test_another_kind_is_on_the_pages_of_who_may_bring_it_in(keeper):
    first = keeper.get("/tools/imports/new/")
    assert first["Location"] == "/tools/imports/new/notes/"
    page = keeper.get(first["Location"]).content.decode()
    assert "Delivery notes" in page
    assert "/new/products/" not in page
    assert "Columns of a CSV" not in page
    assert 'accept=".edi,.zip"' in page
    assert keeper.get("/tools/imports/new/products/").status_code == 403
    assert "/tools/imports/new/" in keeper.get("/tools/imports/").content.decode()


def test_another_kind_is_checked_and_written_like_every_other(keeper):
    file = SimpleUploadedFile("today.edi", b"P-1 Ein Schal\nP-2 Two")
    page = keeper.post("/tools/imports/new/notes/", {"file": file})["Location"]
    work()
    assert not Product.objects.exists()
    shown = re.sub("<[^>]+>", "", keeper.get(page).content.decode())
    assert "2 new and 0 changed" in shown
    assert keeper.post(page, {"act": "write"})["Location"] == page
    work()
    assert Import.objects.get().state == "FINISHED"
    assert sorted(Product.objects.values_list("name", flat=True)) == ["Ein Schal", "Two"]


def test_what_is_wrong_with_a_message_is_told_like_a_row(keeper):
    file = SimpleUploadedFile("today.edi", b"P-1 One\nP-2")
    page = keeper.post("/tools/imports/new/notes/", {"file": file})["Location"]
    work()
    told = keeper.get(page).content.decode()
    for word in ("today.edi", "title", "P-2", "The message has no title.", "Write one."):
        assert word in told
    keeper.post(page, {"act": "write"})
    work()
    assert not Product.objects.exists()


def test_what_is_not_of_the_contract_is_no_entity(db):
    with pytest.raises(ActionError, match="from the browser only"):
        actions.receive(entities=["notes"], owner=None)


def test_a_kind_that_is_gone_shows_its_imports_and_lets_nobody_act(keeper, settings):
    import_ = imported(zipped(**{"notes.edi": b"P-1 One"}), "notes", state="FAILED")
    settings.IMPORT_KINDS = settings.IMPORT_KINDS[:-1]
    page = f"/tools/imports/{import_.uuid}/"
    assert "notes" in keeper.get(page).content.decode()
    assert keeper.post(page, {"act": "end"}).status_code == 403


def test_every_kind_of_the_product_is_whole(settings):
    for kind in kinds.kinds().values():
        assert len(kind.name) <= 16
        assert kind.label
        assert kind.permissions
        assert all(suffix.startswith(".") for suffix in kind.formats)
        assert all(option.field().label for option in kind.options.values())


def test_nothing_is_brought_in_with_half_of_its_permissions():
    half = SimpleNamespace(has_perms=lambda names: set(names) <= {"catalog.change_product"})
    assert not kinds.kinds()["products"].may_be_brought_by(half)


def test_a_name_that_is_no_kind_is_told_with_those_that_are():
    told = "products, prices, asns, transfers, availabilities, notes can"
    with pytest.raises(ActionError, match=told):
        kinds.kinds_of(["shoes"])


def test_a_bad_file_of_another_kind_fails_in_its_words(db, monkeypatch):
    def torn(source):
        raise BadFile("The interchange ends in the middle.")

    broken = {".edi": Format(lambda source: {}, torn)}
    monkeypatch.setitem(NOTES.__dict__, "formats", broken)
    import_ = imported(zipped(**{"notes.edi": b"x"}), "notes")
    assert (import_.state, import_.reason) == ("FAILED", "The interchange ends in the middle.")
