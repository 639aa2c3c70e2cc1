"""Prices in three currencies, at rates that are fixed here, printed, and kept in the notes."""

from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import gettext as _

CENT = Decimal("0.01")

# (from, to): 1 unit of `from` costs so much of `to`. Round figures for the demo, no market's.
RATES = {
    ("GBP", "EUR"): Decimal("1.17"),
    ("GBP", "USD"): Decimal("1.27"),
    ("USD", "EUR"): Decimal("0.92"),
    ("USD", "GBP"): Decimal("0.79"),
}
PRICEBOOK_NAMES = {"GBP": "United Kingdom", "EUR": "Europe", "USD": "International"}


def converted(value: Decimal, source: str, target: str) -> Decimal | None:
    """`value` in the other currency, rounded to a cent; None where that would be 0 (PRODUCT §3)."""
    rate = Decimal(1) if source == target else RATES[source, target]
    return (value * rate).quantize(CENT, ROUND_HALF_UP) or None


def note(currency: str) -> str:
    """What the pricebook says about its own prices."""
    rates = ", ".join(
        _("%(source)s at %(rate)s") % {"source": source, "rate": rate}
        for (source, target), rate in RATES.items()
        if target == currency
    )
    if any(source == currency for source, _target in RATES):
        return _("%(currency)s as in the source; converted at demo rates: %(rates)s") % {
            "currency": currency,
            "rates": rates,
        }
    return _("converted at demo rates: %s") % rates


def rates_in_words() -> str:
    return ", ".join(f"1 {source} = {rate} {target}" for (source, target), rate in RATES.items())
