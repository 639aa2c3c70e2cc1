"""What the shop's own words for an adjustment mean. The words themselves stay as the note."""

import re
from typing import NamedTuple

from django.utils.translation import gettext as _


class Reason(NamedTuple):
    """An adjustment reason; `enters` tells whether stock comes into `main` or leaves it."""

    type: str
    subtype: str
    enters: bool


IN, OUT = True, False

# Types that say how many there are; the others say what happened to them.
STATES_TRUTH = {"No reason given", "Unclear", "Stock check", "Found", "Shrink", "Correction"}

# Texts as `plain()` leaves them. One text may stand under a reason of each direction.
TEXTS: dict[Reason, tuple[str, ...]] = {
    Reason("No reason given", "Stock in", IN): (
        "",
        # Names of other products, typed where a reason belongs.
        "french blue metal door sign no",
        "polyester filler pad 40x40cm",
        "polyester filler pad 45x45cm",
    ),
    Reason("No reason given", "Stock out", OUT): ("",),
    Reason("Unclear", "Stock in", IN): ("?", "alan hodge cant mamage this section"),
    Reason("Unclear", "Stock out", OUT): ("?",),
    Reason("Stock check", "More than recorded", IN): ("check",),
    Reason("Stock check", "Fewer than recorded", OUT): (
        "check",
        "counted",
        "found some more on shelf",
        "historic computer difference se",
        "mystery only ever imported 1800",
        "stock check",
    ),
    Reason("Found", "Found", IN): (
        "found",
        "found box",
        "found by jackie",
        "found in w hse",
        "had been put aside",
    ),
    Reason("Shrink", "Missing", OUT): (
        "can t find",
        "lost",
        "lost in space",
        "mia",
        "missing",
        "not rcvd in 10 11 2010 delivery",
    ),
    Reason("Damage", "Taken back", IN): ("damaged",),
    Reason("Damage", "Damaged", OUT): (
        "dagamed",
        "damaged",
        "damaged stock",
        "damages",
        "damages credits from asos",
        "damages display",
        "damages dotcom",
        "damages samples",
        "damages showroom etc",
        "damages wax",
        "samples damages",
    ),
    Reason("Damage", "Wet", OUT): (
        "water damage",
        "water damaged",
        "wet",
        "wet boxes",
        "wet damaged",
        "wet pallet",
        "wet pallet thrown away",
        "wet rusty",
    ),
    Reason("Damage", "Crushed or broken", OUT): (
        "breakages",
        "broken",
        "cracked",
        "crushed",
        "crushed boxes",
        "crushed ctn",
        "smashed",
    ),
    Reason("Damage", "Rusty or mouldy", OUT): (
        "mouldy",
        "mouldy thrown away",
        "mouldy unsaleable",
        "rusty throw away",
        "rusty thrown away",
        "thrown away rusty",
    ),
    Reason("Damage", "Badly made", OUT): (
        "faulty",
        "incorrectly made thrown away",
        "printing smudges thrown away",
    ),
    Reason("Damage", "Thrown away", OUT): (
        "throw away",
        "thrown away",
        "thrown away can t sell",
        "unsaleable destroyed",
    ),
    Reason("Sample or display", "Taken from stock", OUT): (
        "display",
        "given away",
        "samples",
        "show samples",
        "showroom",
    ),
    Reason("Sold as set", "Units used up", OUT): (
        "amazon sold sets",
        "dotcom set",
        "dotcom sold in 6 s",
        "dotcom sold sets",
        "sold as 1",
        "sold as 1 on dotcom",
        "sold as set by dotcom",
        "sold as set on dotcom",
        "sold as set on dotcom and amazon",
        "sold as set 6 by dotcom",
        "sold as sets",
        "sold in set",
        "wrongly sold as sets",
        "wrongly sold sets",
    ),
    Reason("Wrong code", "Was under another code", IN): (
        "came coded as 20713",
        "marked as 23343",
        "wrongly coded 20713",
        "wrongly coded 23343",
        "wrongly marked",
        "wrongly marked 23343",
        "wrongly sold 22719 barcode",
    ),
    Reason("Wrong code", "Is another product", OUT): (
        "20713",
        "20713 wrongly marked",
        "barcode problem",
        "code mix up 84930",
        "label mix up",
        "mix up with c",
        "mixed up",
        "sold as 22467",
        "sold with wrong barcode",
        "wrong barcode",
        "wrong barcode 22467",
        "wrong code",
        "wrongly coded 20713",
        "wrongly coded 23343",
        "wrongly marked 23343 in box",
        "wrongly marked carton 22804",
        "wrongly mrked had 85123a in box",
    ),
    Reason("Marketplace", "Set aside for online orders", IN): (
        "add stock to allocate online orders",
        "allocate stock for dotcom orders ta",
        "amazon",
        "amazon adjust",
        "amazon adjustment",
        "amazon sales",
        "dotcom",
        "dotcom adjust",
        "dotcomstock",
        "fba",
        "for online retail orders",
        "rcvd be air temp fix for dotcom sit",
        "website fixed",
    ),
    Reason("Marketplace", "Sold online", OUT): (
        "dotcom",
        "dotcom sales",
        "ebay",
        "re dotcom quick fix",
    ),
    Reason("Order", "Needed for an order", IN): (
        "john lewis",
        "mailout",
        "on cargo order",
        "to push order througha s stock was",
    ),
    Reason("Correction", "Stock in", IN): (
        "adjustment",
        "did a credit and did not tick ret",
        "incorrectly credited c550456 see 47",
        "lighthouse trading zero invc incorr",
        "michel oops",
        "returned",
        "sale error",
        "taig adjust",
        "test",
    ),
    Reason("Correction", "Stock out", OUT): (
        "adjust",
        "adjustment",
        "incorrect stock entry",
        "incorrectly credited c550456 see 47",
        "incorrectly put back into stock",
        "oops adjustment",
        "re adjustment",
        "reverse 21 5 10 adjustment",
        "reverse previous adjustment",
        "stock creditted wrongly",
        "taig adjust no stock",
        "temp adjustment",
        "test",
    ),
}
REASON_OF = {(text, reason.enters): reason for reason, texts in TEXTS.items() for text in texts}


def plain(text: str) -> str:
    """Lower case, words only; a text of nothing but question marks is one question mark."""
    words = re.sub(r"[^a-z0-9]+", " ", text.casefold()).strip()
    return words or ("?" if "?" in text else text.strip())


def reason_for(text: str, *, enters: bool) -> Reason:
    """The reason that the shop's `text` means.

    Raises:
        ValueError: nobody has said yet what the text means.
    """
    try:
        return REASON_OF[plain(text), enters]
    except KeyError:
        raise ValueError(
            _("%r is no known reason. Say in demo/reasons.py what it means.") % text
        ) from None
