"""In which database transaction a row was written last: what no clock and no sequence can say.

A sequence is drawn before the commit, so who reads "all after the last number I saw" misses an
earlier number that was committed later. A transaction id can be asked whether a snapshot saw it.
"""

from django.db import models
from django.db.models import Func


class ThisTransaction(Func):
    """The id of the transaction that writes, wide enough never to come round."""

    function = "pg_current_xact_id"
    arity = 0


class WrittenIn(models.Field):
    """PostgreSQL's `xid8`; filled by the database, compared by SQL of ours only."""

    def db_type(self, connection: object) -> str:
        return "xid8"

    def get_internal_type(self) -> str:
        return "WrittenIn"


ThisTransaction.output_field = WrittenIn()  # type: ignore[assignment]
