"""Membership in a set of ids as PostgreSQL answers it from an index, in the index's order."""

from django.db.models import BooleanField, Func


class IsAny(Func):
    """`id = ANY(array)`: one parameter or one subquery, read once before the rows.

    Unlike `id IN (SELECT …)` it is no join, so a list may still walk its index for these ids alone.
    """

    template, arg_joiner, output_field = "%(expressions)s)", " = ANY(", BooleanField()
    conditional = True
