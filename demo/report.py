"""What a load says about itself: what came in, what did not, and what is made up."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from . import people, prices
from .loading import Summary


def lines(summary: Summary) -> Iterator[str]:
    """One sentence per line, numbers with thousands separators."""
    moved = summary.movement_lines
    yield _("Loaded %(stores)s stores, %(centres)s distribution centres, %(products)s products") % {
        "stores": f"{summary.stores:,}",
        "centres": f"{summary.centres:,}",
        "products": f"{summary.products:,}",
    }
    yield _(
        "Real: %(lines)s lines (%(sales)s sold, %(returns)s returned, %(adjustments)s adjusted)"
    ) % {
        "lines": f"{moved.total():,}",
        "sales": f"{moved['sale']:,}",
        "returns": f"{moved['return']:,}",
        "adjustments": f"{moved['adjustment_in'] + moved['adjustment_out']:,}",
    }
    yield _(
        "Simulated: %(opening)s lines of opening stock, %(lines)s lines of %(deliveries)s"
        " deliveries, %(apparel)s lines of apparel stock"
    ) % {
        "opening": f"{summary.opening_lines:,}",
        "lines": f"{summary.delivery_lines:,}",
        "deliveries": f"{summary.deliveries:,}",
        "apparel": f"{summary.apparel_lines:,}",
    }
    yield _("Simulated: %s ASNs, received by the acts of the product") % f"{summary.asns:,}"
    yield _("Simulated: %s counts, counted by the acts of the product") % f"{summary.counts:,}"
    yield _(
        "The ledger: %(documents)s transactions, %(movements)s movements, %(rows)s stock rows"
    ) % {
        "documents": f"{summary.ledger.documents:,}",
        "movements": f"{summary.ledger.movements:,}",
        "rows": f"{summary.ledger.stock_rows:,}",
    }
    if missing := summary.without_store:
        yield _("Not loaded: %(lines)s lines that name no store (%(types)s)") % {
            "lines": f"{missing.total():,}",
            "types": ", ".join(f"{number:,} {name}" for name, number in missing.most_common()),
        }
    yield _("Prices are converted at fixed rates: %s") % prices.rates_in_words()
    yield _("The year is moved by %(weeks)s weeks and ends on %(day)s") % {
        "weeks": summary.shifted_weeks,
        "day": summary.latest.date().isoformat(),
    }
    yield _("Logins, password %(password)s: %(names)s") % {
        "password": password_in_words(),
        "names": ", ".join(login.username for login in people.LOGINS),
    }


def password_in_words() -> str:
    """Never the password that somebody chose himself."""
    chosen = people.password() != people.PASSWORD
    return _("as in DEMO_PASSWORD") if chosen else people.PASSWORD
