"""Permissions over counts (PRODUCT §11)."""

from typing import Any

from django.utils.translation import gettext_noop as _

CREATE_CYCLE_COUNTS = "counts.create_cycle_counts"
ACTIVATE_FULL_COUNTS = "counts.activate_full_counts"
COMPLETE_CYCLE_COUNTS = "counts.complete_cycle_counts"
CANCEL_CYCLE_COUNTS = "counts.cancel_cycle_counts"
PERFORM_COUNTS = "counts.perform_counts"

MANAGING = (
    CREATE_CYCLE_COUNTS,
    ACTIVATE_FULL_COUNTS,
    COMPLETE_CYCLE_COUNTS,
    CANCEL_CYCLE_COUNTS,
)

NAMES: list[tuple[str, Any]] = [
    ("create_cycle_counts", _("Create cycle counts")),
    ("activate_full_counts", _("Activate full counts")),
    ("complete_cycle_counts", _("Complete cycle counts")),
    ("cancel_cycle_counts", _("Cancel cycle counts")),
    ("perform_counts", _("Perform Counts")),
]
