"""What a count is made of.

`documents`   CountBatch, Count, CountLine: what is to be counted, and what was there
`zones`       CountZone, ZoneSession, Observation, RecountRequest: what people saw
`plans`       CountPlan: what is counted again and again
`results`     CountAnswer, CountResult, LateCorrection: what came of it
"""

from .documents import Access, Count, CountBatch, CountLine
from .plans import CountPlan
from .results import CountAnswer, CountResult, LateCorrection
from .zones import CountZone, Observation, RecountRequest, ZoneSession

__all__ = [
    "Access",
    "Count",
    "CountAnswer",
    "CountBatch",
    "CountLine",
    "CountPlan",
    "CountResult",
    "CountZone",
    "LateCorrection",
    "Observation",
    "RecountRequest",
    "ZoneSession",
]
