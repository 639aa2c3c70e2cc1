"""The catalogues hold every text of the product, whole and fresh."""

import ast
import io
import re
from gettext import GNUTranslations
from itertools import chain
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from django.conf import settings
from django.utils.translation import gettext, ngettext, override

from bin import messages
from omnichannel.accounts.models import User
from omnichannel.roles import PRODUCT_PERMISSIONS
from tests.kit.conftest import World
from tests.people import person, signed_in

PLACE = re.compile(r"%(?:\(\w+\))?[-#0 +]*(?:\d+|\*)?(?:\.\d+)?[a-zA-Z%]|\{\w*\}")
CALLS = {"_", *messages.KEYWORDS}
LANGUAGES = [code for code, _name in settings.LANGUAGES if code != "en"]
TEXTS = messages.found()


def texts_of(message) -> list[str]:
    """Text, or its singular and plural."""
    return list(message.id) if message.pluralizable else [message.id]


def translations_of(message) -> list[str]:
    return list(message.string) if message.pluralizable else [message.string]


def places(text: str) -> list[str]:
    return sorted(place for place in PLACE.findall(text) if place != "%%")


def called(path: Path) -> set[str]:
    """Texts of gettext calls by Python's own parser, inside f-strings too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if name in CALLS and node.args:
            first = node.args[1 if "pgettext" in name and len(node.args) > 1 else 0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                found.add(first.value)
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated(language):
    catalogue = messages.read(language)
    unknown = [m.id for m in TEXTS if m.id and catalogue.get(m.id, m.context) is None]
    assert unknown == [], "run `make messages`, then translate what it names"
    assert [m.id for m in messages.missing(catalogue)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_kept_that_no_page_says(language):
    catalogue = messages.read(language)
    assert [m.id for m in catalogue if m.id and TEXTS.get(m.id, m.context) is None] == []
    assert not catalogue.obsolete


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_fuzzy(language):
    assert [m.id for m in messages.read(language) if m.id and m.fuzzy] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_places_to_fill_are_the_same(language):
    wrong = []
    for message in messages.read(language):
        if not message.id:
            continue
        wanted = [places(text) for text in texts_of(message)]
        # Which are missing says another test.
        for text in filter(None, translations_of(message)):
            if places(text) not in wanted:
                wrong.append((message.id, text))
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_spaces_at_the_ends_and_final_stops_are_kept(language):
    def spaces(text: str) -> tuple[bool, bool]:
        return text[:1].isspace(), text[-1:].isspace()

    def stop(text: str) -> str:
        return text.rstrip()[-1:] if text.rstrip()[-1:] in ".:?…" else ""

    pairs = [
        (text, said)
        for m in messages.read(language)
        if m.id
        for text, said in zip(texts_of(m), translations_of(m), strict=True)
        if said
    ]
    assert [pair for pair in pairs if spaces(pair[0]) != spaces(pair[1])] == []
    # A translation may end in an abbreviation, where its text ends in none.
    assert [(text, said) for text, said in pairs if stop(text) and stop(said) != stop(text)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_catalogue_is_fresh(language):
    """Texts are compared, not bytes: the header names the version of the compiler."""
    fresh = GNUTranslations(io.BytesIO(messages.compiled(messages.read(language))))._catalog
    with messages.file_of(language).with_suffix(".mo").open("rb") as file:
        committed = GNUTranslations(file)._catalog
    del fresh[""], committed[""]
    assert fresh == committed


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_file_is_as_the_program_writes_it(language):
    """So that `make messages` after somebody's editor makes no other change."""
    body = messages.file_of(language).read_bytes().split(b"\n\n", 1)[1]
    assert messages.written(messages.read(language)).split(b"\n\n", 1)[1] == body


def test_every_call_is_found():
    """Babel reads tokens, and so no f-strings; Python's own parser reads everything."""
    found = set(chain.from_iterable(texts_of(m) for m in TEXTS if m.id))
    lost = {
        (path.name, text)
        for path in messages.sources()
        if path.suffix == ".py"
        for text in called(path) - found
    }
    assert lost == set()


def test_control_the_parser_finds_what_babel_does_not(tmp_path):
    path = tmp_path / "page.py"
    path.write_text("f'<b>{escape(_(\"Lost\"))}</b>'\n")
    assert called(path) == {"Lost"}


def test_templates_hold_no_bare_words():
    """What is read must be marked; names of the style guide's samples are data."""
    tags = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", re.DOTALL)
    marked = re.compile(
        r"\{% comment %\}.*?\{% endcomment %\}|\{% blocktrans(?:late)?\b.*?\{% endblocktrans(?:late)? %\}",
        re.DOTALL,
    )
    # Some templates are only attributes of a script's texts: their values must be tags throughout.
    markup = re.compile(
        r"<!--.*?-->|<(script|style|svg|code|kbd)\b.*?</\1>|<[^>]*>|\bdata-[\w-]+=\"\s*\"",
        re.DOTALL,
    )
    bare = []
    for path in messages.sources():
        if path.suffix != ".html" or "guide" in path.parts or path.name == "styleguide.html":
            continue
        text = marked.sub(" ", path.read_text())
        # Tags first, since a comparison in one looks like markup.
        words = markup.sub(" ", tags.sub(" ", text))
        bare += [(path.name, word) for word in re.findall(r"[A-Za-z]{3,}", words)]
    assert bare == []


def test_attributes_hold_no_bare_words():
    named = re.compile(r'\b(?:aria-label|title|placeholder|alt)="([^"]*)"')
    bare = []
    for path in messages.sources():
        if path.suffix == ".html":
            for value in named.findall(path.read_text()):
                rest = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "", value)
                if "blocktrans" not in value and re.search("[A-Za-z]{3,}", rest):
                    bare.append((path.name, value))
    assert bare == []


def test_scripts_hold_no_sentences():
    """Scripts read their texts from the page."""
    said = re.compile(r"\.textContent\s*=\s*[\"'`][A-Za-z]|(?:alert|confirm)\(\s*[\"'`]")
    scripts = (messages.ROOT / "static" / "js").rglob("*.js")
    assert [p.name for p in scripts if ".min." not in p.name and said.search(p.read_text())] == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("%(n)s is in stock", "%(n)d ist da"),
        ("%(store)s", "%(filiale)s"),
        ("%s of %s", "%s"),
        ("{total} rows", "{summe} Zeilen"),
        ("100 %% of %(n)s", "100 %% von"),
    ],
)
def test_control_other_places_are_noticed(text, said):
    assert places(text) != places(said)


def test_control_an_empty_plural_is_missing():
    catalogue = Catalog(locale="de")
    catalogue.add(("%(n)s row", "%(n)s rows"), ("%(n)s Zeile", ""))
    catalogue.add("Half", "Halb", flags=["fuzzy"])
    catalogue.add("Whole", "Ganz")
    assert [m.id for m in messages.missing(catalogue)] == [("%(n)s row", "%(n)s rows"), "Half"]


def test_control_a_stale_file_is_noticed():
    source = b'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'
    one = read_po(io.BytesIO(source + b'msgid "Store"\nmsgstr "Filiale"\n'), locale="de")
    two = read_po(io.BytesIO(source + b'msgid "Store"\nmsgstr "Laden"\n'), locale="de")
    assert messages.compiled(one) != messages.compiled(two)


def test_a_new_language_begins_empty_and_complete(tmp_path, monkeypatch):
    monkeypatch.setattr(messages, "LOCALE", tmp_path)
    messages.begin("pl")
    catalogue = messages.bring_up_to_date("pl", TEXTS)
    assert len(catalogue) == len(TEXTS)
    assert len(messages.missing(catalogue)) == len(TEXTS)
    assert catalogue.num_plurals >= 3


def test_django_reads_it():
    with override("de"):
        assert gettext("Stock On Hand") == "Bestand"
        assert ngettext("%(n)s row", "%(n)s rows", 1) == "%(n)s Zeile"
        assert ngettext("%(n)s row", "%(n)s rows", 0) == "%(n)s Zeilen"
    assert gettext("Stock On Hand") == "Stock On Hand"


@pytest.mark.django_db
def test_an_administrator_reads_permissions_in_german():
    admin = person("root", is_superuser=True, is_staff=True, language="de")
    page = signed_in(admin).get("/admin/accounts/role/add/").content.decode()
    assert "Vollinventuren freigeben" in page
    assert "Activate full counts" not in page
    assert len(PRODUCT_PERMISSIONS) > 20


@pytest.mark.django_db
def test_the_admin_is_german_too():
    admin = person("root", is_superuser=True, is_staff=True, language="de")
    page = signed_in(admin).get("/admin/").content.decode()
    assert "Verwaltung" in page
    assert "Lagerorte" in page or "Standorte" in page


@pytest.fixture
def world(db: None) -> World:
    """Enough of everything for one row in each list."""
    made = World()
    made.post((made.product("P-1", color="Red", size="M"), 1_200), type="STOCK_IMPORT")
    made.post((made.product("P-2"), 3), where=made.tokyo)
    return made


LISTS = [
    "/store-operations/inventory/stock-on-hand/?on_hand_min=1",
    "/store-operations/inventory/transactions/?status=COMPLETED",
    "/store-operations/inventory/movements/?type=STOCK_IMPORT",
    "/catalog/products/?state=active",
    "/settings/locations/?kind=STORE",
]


def exported(user: User, address: str) -> bytes:
    answer = signed_in(user).get(f"{address}&export=csv")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert "Content-Language" not in answer.headers
    return b"".join(answer)


@pytest.mark.django_db
@pytest.mark.parametrize("address", LISTS)
def test_a_csv_reads_the_same_in_every_language(world, address):
    everything = {"is_superuser": True, "stock_scope": "ALL_STORES"}
    english = exported(person("anna", language="en", **everything), address)
    german = exported(person("bert", language="de", **everything), address)
    assert english == german
    assert english.count(b"\n") > 1


@pytest.mark.django_db
@pytest.mark.parametrize("address", LISTS)
def test_a_list_costs_no_query_more_in_german(world, address, django_assert_max_num_queries):
    def queries(name: str, language: str) -> int:
        client = signed_in(person(name, is_superuser=True, language=language))
        client.get(address)
        with django_assert_max_num_queries(100) as asked:
            assert f'<html lang="{language}"' in client.get(address).content.decode()
        return len(asked)

    assert queries("anna", "en") == queries("bert", "de")


@pytest.mark.django_db
def test_rows_follow_each_reader_in_turn(world):
    """Rendered rows are kept per language: one reader must not get those of the other."""
    address = "/store-operations/inventory/transactions/"
    english = signed_in(person("anna", is_superuser=True, language="en"))
    german = signed_in(person("bert", is_superuser=True, language="de"))
    for _turn in range(2):
        assert "Stock Import" in english.get(address).content.decode()
        told = german.get(address).content.decode()
        assert "Bestandsimport" in told
        assert "Stock Import" not in told


@pytest.mark.django_db
def test_inputs_and_moments_stay_iso(world):
    client = signed_in(person("bert", is_superuser=True, language="de"))
    page = client.get(
        "/store-operations/inventory/transactions/?completed_after=2026-03-01"
    ).content.decode()
    assert 'name="completed_after" value="2026-03-01"' in page
    assert re.search(r'<time datetime="\d{4}-\d\d-\d\dT\d\d:\d\d', page)
    assert "1. Mär 2026" in page
