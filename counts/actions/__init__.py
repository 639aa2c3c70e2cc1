"""The acts of this room; a page, an API operation, a job and a command all call these.

`create_counts`, `plan_zones`, `note_precounts`   what is to be counted
`activate_count`                                  a full count's snapshot, taken by a worker
`open_zone`, `observe`, `keep_alive`, `complete_zone`, `drop_session`   what people do on the shelves
`request_recounts`, `withdraw_recount`            what a manager wants seen again
`answer_lines`                                    what a person decides about a line
`complete_count`, `finish_count`                  the variances are posted, once
`cancel_counts`, `reverse_count`, `correct_late_movements`              the ways out
`import_counted`, `finish_import`                 what was counted elsewhere, as a file
`plan_count`, `stop_plan`, `due_plans`, `repeat_count`   what is counted again and again
"""

from .activating import activate_count
from .answering import answer_lines
from .cancelling import cancel_counts
from .completing import Completion, complete_count, finish_count
from .creating import CountsRefused, Created, Problem, create_counts
from .importing import CountedLine, finish_import, import_counted
from .late import correct_late_movements
from .observing import Observed, Seen, observe
from .recounting import request_recounts, withdraw_recount
from .repeating import due_plans, plan_count, repeat_count, stop_plan
from .reversing import reverse_count
from .sessions import Opened, complete_zone, drop_session, keep_alive, open_zone
from .zones import note_precounts, plan_zones

__all__ = [
    "Completion",
    "CountedLine",
    "CountsRefused",
    "Created",
    "Observed",
    "Opened",
    "Problem",
    "Seen",
    "activate_count",
    "answer_lines",
    "cancel_counts",
    "complete_count",
    "complete_zone",
    "correct_late_movements",
    "create_counts",
    "drop_session",
    "due_plans",
    "finish_count",
    "finish_import",
    "import_counted",
    "keep_alive",
    "note_precounts",
    "observe",
    "open_zone",
    "plan_count",
    "plan_zones",
    "repeat_count",
    "request_recounts",
    "reverse_count",
    "stop_plan",
    "withdraw_recount",
]
