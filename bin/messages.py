"""The catalogues under locale/, brought up to date and compiled: `make messages`.

`make messages ARGS=fr` begins one of a language that has none.

Pure Python (Babel), so that no machine needs the gettext programs. Texts are found where Django
looks for them: gettext calls in Python code, translate and blocktranslate in templates. Scripts
hold none; they read texts from their page.
"""

import io
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from babel.messages import extract, mofile, pofile
from babel.messages.catalog import Catalog, Message
from django.utils.translation import template

ROOT = Path(__file__).resolve().parent.parent
LOCALE = ROOT / "locale"
ROOMS = (
    "omnichannel",
    "inventory",
    "asn",
    "transfers",
    "counts",
    "fulfilment",
    "overview",
    "demo",
    "templates",
)
SUFFIXES = {".py", ".html", ".txt"}
KEYWORDS: dict[str, Any] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
# What a translator needs to know stands in a comment above the text.
NOTES = ("Translators:",)
PROJECT = "Omnichannel Manager"
HEADER = "# docs/translating.md has the glossary, and says how to bring this file up to date."
# Git knows when a text was changed; a date here would be a conflict in every merge.
NO_DATE = datetime(2026, 1, 1, tzinfo=UTC)


def sources() -> Iterator[Path]:
    """Whatever a person may read a text of; tests and benchmarks hold none."""
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*")):
            if path.suffix in SUFFIXES and "migrations" not in path.parts:
                yield path


def python_of(path: Path) -> str:
    """A source as Python: templates are turned into their gettext calls, line by line."""
    text = path.read_text()
    if path.suffix == ".py":
        return text
    calls = template.templatize(text, origin=str(path))
    # Python would take the indentation of HTML for its own.
    return "\n".join(line.strip() for line in calls.splitlines())


def found() -> Catalog:
    """Every text of the sources, in the order of files, without line numbers.

    Lines would change with every edit, and every edit would touch every catalogue.
    """
    texts = Catalog(charset="utf-8")
    for path in sources():
        code = io.BytesIO(python_of(path).encode())
        options = {"encoding": "utf-8"}
        for _line, words, notes, context in extract.extract(
            "python", code, KEYWORDS, NOTES, options
        ):
            place = (str(path.relative_to(ROOT)), None)
            texts.add(words, locations=[place], auto_comments=notes, context=context)  # type: ignore[list-item]
    return texts


def languages() -> list[str]:
    return sorted(folder.name for folder in LOCALE.iterdir() if folder.is_dir())


def file_of(language: str) -> Path:
    """Its .po; the .mo lies beside it."""
    return LOCALE / language / "LC_MESSAGES" / "django.po"


def read(language: str) -> Catalog:
    with file_of(language).open("rb") as file:
        return pofile.read_po(file, locale=language)


def written(catalogue: Catalog) -> bytes:
    """The text of a .po, the same on every machine and day."""
    file = io.BytesIO()
    pofile.write_po(file, catalogue, width=100, omit_header=False, ignore_obsolete=True)
    return file.getvalue()


def compiled(catalogue: Catalog) -> bytes:
    """The .mo of a catalogue: what Django reads."""
    file = io.BytesIO()
    mofile.write_mo(file, catalogue)
    return file.getvalue()


def missing(catalogue: Catalog) -> list[Message]:
    """What has no translation yet, in whole or in one of its plural forms."""

    def is_done(message: Message) -> bool:
        strings = message.string if isinstance(message.string, tuple | list) else (message.string,)
        wanted = catalogue.num_plurals if message.pluralizable else 1
        return len(strings) == wanted and all(strings) and not message.fuzzy

    return [message for message in catalogue if message.id and not is_done(message)]


def begin(language: str) -> None:
    """An empty catalogue; its plural forms are those of the language."""
    catalogue = Catalog(
        locale=language,
        project=PROJECT,
        charset="utf-8",
        header_comment=HEADER,
        fuzzy=False,
        creation_date=NO_DATE,
        revision_date=NO_DATE,
    )
    catalogue.last_translator = catalogue.language_team = catalogue.msgid_bugs_address = ""
    file_of(language).parent.mkdir(parents=True)
    file_of(language).write_bytes(written(catalogue))


def bring_up_to_date(language: str, texts: Catalog) -> Catalog:
    """New texts stand empty, gone ones leave; nothing is guessed."""
    catalogue = read(language)
    catalogue.update(texts, no_fuzzy_matching=True, update_creation_date=False)
    catalogue.obsolete.clear()
    file_of(language).write_bytes(written(catalogue))
    file_of(language).with_suffix(".mo").write_bytes(compiled(catalogue))
    return catalogue


def main(begun: list[str]) -> int:
    for language in begun:
        begin(language)
    texts, left = found(), 0
    for language in languages():
        todo = missing(bring_up_to_date(language, texts))
        left += len(todo)
        sys.stdout.write(f"{language}: {len(texts)} texts, {len(todo)} without translation\n")
        for message in todo:
            sys.stdout.write(f"  {message.id!r}\n")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
