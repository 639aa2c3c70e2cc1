"""What divides an interchange, which says it itself at its beginning."""

from typing import NamedTuple, Protocol

from django.utils.translation import gettext as _

from ..rows import BadFile

# ISA has elements of fixed width. Real files keep to the number of elements, not to the width.
ISA_ELEMENTS = 16
LONGEST_ISA = 400
# X12 names no character set, and few keep to the ASCII of UNOA and UNOB.
UNTOLD = ("utf-8", "latin-1")
# UN/EDIFACT 0001 → what Python calls it.
CHARACTER_SETS = {
    "UNOA": UNTOLD,
    "UNOB": UNTOLD,
    "UNOC": ("iso8859-1",),
    "UNOD": ("iso8859-2",),
    "UNOE": ("iso8859-5",),
    "UNOF": ("iso8859-7",),
    "UNOG": ("iso8859-3",),
    "UNOH": ("iso8859-4",),
    "UNOI": ("iso8859-6",),
    "UNOJ": ("iso8859-8",),
    "UNOK": ("iso8859-9",),
    "UNOL": ("iso8859-15",),
    "UNOW": ("utf-8",),
    "UNOY": ("utf-8",),
}


class Signs(NamedTuple):
    """What divides an interchange; `release` takes the next sign's meaning away, where there is one."""

    terminator: str
    element: str
    component: str
    release: str = ""
    encodings: tuple[str, ...] = UNTOLD


class Ahead(Protocol):
    """Where the reader stands (`window.Window`)."""

    at: int

    def ahead(self, length: int) -> bytes: ...

    def skip_blanks(self) -> bool: ...


def character_set(told: str, number: int) -> tuple[str, ...]:
    """
    Raises:
        BadFile: one that is not read here.
    """
    if told not in CHARACTER_SETS:
        shown = {"number": number, "set": told[:16], "known": ", ".join(CHARACTER_SETS)}
        raise BadFile(
            _("Segment %(number)d (UNB) names the character set “%(set)s”; %(known)s are read.")
            % shown
        )
    return CHARACTER_SETS[told]


def signs_of(window: "Ahead", name: str, number: int) -> Signs:
    """What divides the interchange that begins here.

    Raises:
        BadFile: none begins here.
    """
    tag = window.ahead(3)
    if tag == b"ISA":
        return signs_of_x12(window.ahead(LONGEST_ISA), number)
    if tag == b"UNA":
        return signs_of_una(window, number)
    if tag == b"UNB":
        return Signs("'", "+", ":", "?")
    shown = window.ahead(8).decode("ascii", "replace").replace("\0", "?").strip()
    told = {"name": name, "number": number, "found": shown}
    raise BadFile(
        _(
            "%(name)s is no EDI of a kind that is read: segment %(number)d begins with “%(found)s” "
            "where ISA (X12) or UNA or UNB (EDIFACT) is expected."
        )
        % told
    )


def signs_of_x12(head: bytes, number: int) -> Signs:
    element = head[3:4]
    parts = head.split(element, ISA_ELEMENTS) if element else []
    if len(parts) <= ISA_ELEMENTS or len(parts[-1]) < 2:
        raise BadFile(_("Segment %d (ISA) has fewer than 16 elements.") % number)
    component, terminator = list(parts[-1][:2].decode("latin-1"))
    return checked(Signs(terminator, element.decode("latin-1"), component), number)


def signs_of_una(window: "Ahead", number: int) -> Signs:
    una = window.ahead(9)
    if len(una) < 9:
        raise BadFile(_("The file ends within UNA."))
    window.at += 9
    window.skip_blanks()
    if window.ahead(3) != b"UNB":
        raise BadFile(_("UNA is not followed by UNB."))
    signs = list(una[3:].decode("latin-1"))
    component, element, _decimal, release, _reserved, terminator = signs
    return checked(Signs(terminator, element, component, release.strip()), number)


def checked(signs: Signs, number: int) -> Signs:
    """A letter that divides would tear every word."""
    used = signs[:4] if signs.release else signs[:3]
    if len(set(used)) < len(used) or not all(map(may_divide, used)):
        shown = " ".join(map(repr, used))
        raise BadFile(
            _("The interchange at segment %(number)d names signs that cannot divide it: %(signs)s.")
            % {"number": number, "signs": shown}
        )
    return signs


def may_divide(sign: str) -> bool:
    return sign.isascii() and not sign.isalnum() and sign not in "\0 "
