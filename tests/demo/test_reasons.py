import csv
import gzip

import pytest

from demo.loading import DATA
from demo.reasons import REASON_OF, TEXTS, plain, reason_for


def raw_texts() -> set[tuple[str, bool]]:
    path = DATA / "retail-history" / "movements.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        return {
            (row["reason"], row["type"] == "adjustment_in")
            for row in csv.DictReader(file)
            if row["type"].startswith("adjustment")
        }


def test_every_word_of_the_shop_has_a_meaning_and_no_meaning_is_unused() -> None:
    texts = raw_texts()
    assert len(texts) == 188
    used = set()
    for text, enters in texts:
        assert reason_for(text, enters=enters).enters is enters
        used.add((plain(text), enters))
    assert used == set(REASON_OF)


def test_no_text_means_two_things() -> None:
    listed = [(text, reason.enters) for reason, texts in TEXTS.items() for text in texts]
    assert len(listed) == len(set(listed))
    assert all(plain(text) == text for text, _enters in listed)
    assert len({(reason.type, reason.subtype) for reason in TEXTS}) == len(TEXTS)


@pytest.mark.parametrize(
    ("text", "enters", "expected"),
    [
        ("", True, ("No reason given", "Stock in")),
        ("", False, ("No reason given", "Stock out")),
        ("??", False, ("Unclear", "Stock out")),
        ("????damages????", False, ("Damage", "Damaged")),
        ("?missing", False, ("Shrink", "Missing")),
        ("FOUND", True, ("Found", "Found")),
        ("wet pallet", False, ("Damage", "Wet")),
        ("crushed ctn", False, ("Damage", "Crushed or broken")),
        ("sold as set/6 by dotcom", False, ("Sold as set", "Units used up")),
        ("check", True, ("Stock check", "More than recorded")),
        ("check", False, ("Stock check", "Fewer than recorded")),
        ("samples", False, ("Sample or display", "Taken from stock")),
        ("Amazon Adjustment", True, ("Marketplace", "Set aside for online orders")),
        ("wrong barcode (22467)", False, ("Wrong code", "Is another product")),
    ],
)
def test_what_the_shop_meant(text: str, enters: bool, expected: tuple[str, str]) -> None:
    assert reason_for(text, enters=enters)[:2] == expected


@pytest.mark.parametrize("text", ["eaten by moths", "!!", "湿", "found?wet"])
def test_an_unknown_word_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no known reason"):
        reason_for(text, enters=True)
