"""Lists whose numbers are worked out row by row: a page is not waited for longer than a while."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from django.db import OperationalError, connection, transaction
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _

from .lists import ListPage


class PatientList(ListPage):
    """A list that asks for a narrower filter where a page takes longer than `longest_wait`.

    A file takes as long as it needs.
    """

    permission_required = ""
    longest_wait = "15s"

    def reading(self) -> AbstractContextManager:
        return self.for_a_while()

    @contextmanager
    def for_a_while(self) -> Iterator[None]:
        with transaction.atomic():
            is_page = not self.request.GET.get("export")
            if is_page:
                set_timeout(f"'{self.longest_wait}'")
            yield
            if is_page:
                # Whoever reads within a transaction of his own goes on without our limit.
                set_timeout("DEFAULT")

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        try:
            return super().get(request, **kwargs)
        except OperationalError as error:
            if "statement timeout" not in str(error):
                raise
            reason = _("Over all stores this takes too long. Filter by store or product.")
            return self.refuse(reason, 409)


def set_timeout(value: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL statement_timeout = {value}")
