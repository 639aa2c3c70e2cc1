"""What a decision about a remainder says, and who said it."""

from datetime import datetime
from typing import NamedTuple

from omnichannel.accounts.models import User

from ..models import Fate


class Move(NamedTuple):
    """Units of a line from one fate to another; `receipt_id` says where ELSEWHERE is."""

    line_id: int
    before: Fate
    after: Fate
    quantity: int
    receipt_id: int | None = None


class Deciding(NamedTuple):
    by: User
    associate: str
    key: str
    note: str
    now: datetime
