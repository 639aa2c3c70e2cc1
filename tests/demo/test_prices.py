from decimal import Decimal

import pytest

from demo.prices import RATES, converted, note, rates_in_words


@pytest.mark.parametrize(
    ("value", "source", "target", "expected"),
    [
        ("2.55", "GBP", "GBP", "2.55"),
        ("2.55", "GBP", "EUR", "2.98"),
        ("0.50", "GBP", "EUR", "0.59"),  # 0.585: half a cent goes up, not to the even cent
        ("0.005", "GBP", "GBP", "0.01"),
        ("0.004", "GBP", "GBP", None),
        ("0", "USD", "EUR", None),
    ],
)
def test_a_price_is_rounded_to_a_cent_and_never_zero(
    value: str, source: str, target: str, expected: str | None
) -> None:
    found = converted(Decimal(value), source, target)
    assert (None if found is None else str(found)) == expected


def test_the_notes_and_the_report_name_every_rate_used() -> None:
    for (source, target), rate in RATES.items():
        assert f"{source} at {rate}" in note(target)
        assert f"1 {source} = {rate} {target}" in rates_in_words()
