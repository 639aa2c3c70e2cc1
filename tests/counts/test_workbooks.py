"""The files of counts as workbooks: the rows of the CSV, numbers as numbers, texts as texts."""

import csv
import io
import zipfile
from xml.etree import ElementTree

import pytest

from omnichannel.web import workbook
from tests.people import signed_in

NAME = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
LIST = "/store-operations/inventory/count-tasks/"


def body(answer) -> bytes:
    assert answer.status_code == 200, answer.content
    return b"".join(answer)


def sheet(raw: bytes) -> list[list[str | float | None]]:
    """Cells by row; None where nothing is."""
    with zipfile.ZipFile(io.BytesIO(raw)) as book:
        assert book.testzip() is None
        root = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    assert root.find(f".//{NAME}f") is None
    rows = []
    for row in root.iter(f"{NAME}row"):
        cells: dict[int, str | float] = {}
        for cell in row:
            column = ord(cell.get("r", "A")[0]) - ord("A")
            text = "".join(part.text or "" for part in cell.iter(f"{NAME}t"))
            # How the format writes what XML cannot hold.
            text = text.replace("_x000B_", "\x0b")
            value = cell.find(f"{NAME}v")
            cells[column] = text if value is None else float(value.text or "")
        rows.append([cells.get(n) for n in range(max(cells) + 1)])
    return rows


def table(raw: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(raw.decode())))


@pytest.fixture
def client(floor):
    floor.products[0].name = "=1+1 Ünï\x0b<b>"
    floor.products[0].save()
    return signed_in(floor.manager)


def same(found: list, wanted: list[list[str]]) -> None:
    width = len(wanted[0])
    assert len(found) == len(wanted) > 1
    for row, other in zip(found, wanted, strict=True):
        row = row + [None] * (width - len(row))
        for cell, text in zip(row, other, strict=True):
            if isinstance(cell, float):
                assert cell == float(text)
            else:
                assert (cell or "") == text


def test_a_count_as_a_workbook_is_its_csv(floor, client):
    count = floor.create("CYCLE", 0, 1, name="Both files")
    path = f"{LIST}{count.uuid}/export/lines/"
    found = sheet(body(client.get(f"{path}?format=xlsx")))
    same(found, table(body(client.get(path))))
    assert any("'=1+1 Ünï\x0b<b>" in row for row in found)


def test_the_list_as_a_workbook_is_its_csv(floor, client):
    floor.create("CYCLE", 0, name="=cmd()")
    answer = client.get(f"{LIST}?export=xlsx")
    assert answer["Content-Type"] == workbook.TYPE
    same(sheet(body(answer)), table(body(client.get(f"{LIST}?export=csv"))))


def test_what_no_sheet_holds_is_refused_in_words(floor, client, monkeypatch):
    floor.create("CYCLE", 0, 1)
    monkeypatch.setattr(workbook, "MOST_ROWS", 1)
    answer = client.get(f"{LIST}?export=xlsx")
    assert answer.status_code == 409
    assert "Export as CSV instead" in answer.content.decode()
