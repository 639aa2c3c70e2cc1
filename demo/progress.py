"""How far the load is: a bar on a terminal, one line per stage anywhere else."""

from time import monotonic
from typing import Protocol

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop


class Stream(Protocol):
    """A command's own output, which ends each text with a line break unless told otherwise."""

    def write(self, msg: str = "", style_func: None = None, ending: str | None = None) -> None: ...
    def flush(self) -> None: ...
    def isatty(self) -> bool: ...


# What each stage is called, and its share of the time in per cent, measured on two cores.
# The stages from "documents" to "stock" are the ledger's.
STAGES = {
    "stores": (gettext_noop("Stores"), 1),
    "products": (gettext_noop("Products and prices"), 3),
    "read opening stock": (gettext_noop("Reading opening stock"), 1),
    "apparel": (gettext_noop("Making up apparel stock"), 1),
    "read deliveries": (gettext_noop("Reading deliveries"), 2),
    "read movements": (gettext_noop("Reading sales, returns and adjustments"), 6),
    "people": (gettext_noop("Users and roles"), 3),
    "documents": (gettext_noop("Sending transactions"), 1),
    "lines": (gettext_noop("Sending lines"), 3),
    "balances": (gettext_noop("Working out balances"), 10),
    "transactions": (gettext_noop("Writing transactions"), 2),
    "transaction lines": (gettext_noop("Writing transaction lines"), 8),
    "movements": (gettext_noop("Writing movements"), 14),
    "stock": (gettext_noop("Writing stock on hand"), 1),
    "asns": (gettext_noop("Announcing and receiving goods"), 6),
    "counts": (gettext_noop("Counting"), 7),
    "further stores": (gettext_noop("Opening further stores"), 1),
    "promises": (gettext_noop("Promising"), 1),
    "commit": (gettext_noop("Checking every reference, saving"), 27),
    "statistics": (gettext_noop("Gathering statistics"), 2),
}
WIDTH = 30
# Back to the first column, and away with what stands there.
CLEAR = "\r\x1b[K"


class Progress:
    """Told after each stage how many rows it had; without a stream it keeps quiet."""

    def __init__(self, stream: Stream | None = None) -> None:
        self.stream = stream
        self.is_terminal = bool(stream and stream.isatty())
        self.share = 0
        self.before = monotonic()
        if self.is_terminal:
            self.write(bar(0, next(iter(STAGES))))

    def done(self, stage: str, rows: int) -> None:
        """`stage` is a key of STAGES; one that nobody listed is shown by its own name."""
        label, share = STAGES.get(stage, (stage, 0))
        self.share += share
        seconds, self.before = monotonic() - self.before, monotonic()
        if self.is_terminal:
            self.write(bar(self.share, after(stage)))
            return
        line = _("%(stage)s: %(rows)s in %(seconds).1f s")
        told = {"stage": _(label), "rows": f"{rows:,}", "seconds": seconds}
        self.write(f"  {line % told}\n")

    def finish(self) -> None:
        """Take the bar away."""
        if self.is_terminal:
            self.write(CLEAR)

    def write(self, text: str) -> None:
        if self.stream:
            self.stream.write(text, ending="")
            self.stream.flush()


def after(stage: str) -> str:
    """The stage that begins when `stage` is done."""
    stages = list(STAGES)
    position = stages.index(stage) + 1 if stage in STAGES else len(stages)
    return stages[position] if position < len(stages) else stage


def bar(percent: int, running: str) -> str:
    percent = min(percent, 100)
    filled = percent * WIDTH // 100
    label = _(STAGES.get(running, (running, 0))[0])
    return f"{CLEAR}[{'#' * filled}{'.' * (WIDTH - filled)}] {percent:3d} % {label}"
