"""What was counted against the book, exactly, while the shop trades (PRODUCT §7a, DESIGN §6).

`lines(count, …)`     every line with its book, band, mark and question, as it stands now
`freeze(count, …)`    the same statement, written down as the results of a completed count
`page_of_lines(…)`     some of them, open or completed, for a page
`late_movements(…)`   what was recorded after a completion and lies before its last observation
"""

from .late import LateMovement, late_movements
from .lines import Line, Question, Summary, freeze, lines, new_products, settle, summary, values_of
from .paging import SHOWS, SORTS, LinePage, Place, figures_of, lines_as_sql, page_of_lines

__all__ = [
    "SHOWS",
    "SORTS",
    "LateMovement",
    "Line",
    "LinePage",
    "Place",
    "Question",
    "Summary",
    "figures_of",
    "freeze",
    "late_movements",
    "lines",
    "lines_as_sql",
    "new_products",
    "page_of_lines",
    "settle",
    "summary",
    "values_of",
]
