"""What jobs of this room run: the import of despatch advices, an edge like a page or an operation."""

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from omnichannel.documents import ActionError
from omnichannel.imports.archive import MB, Source
from omnichannel.imports.kinds import Kind, Option
from omnichannel.imports.models import Import
from omnichannel.imports.rows import BadFile, Item
from omnichannel.imports.staging import Effect, Problem, Staged, name_of
from omnichannel.jobs.progress import Progress

from . import permissions
from .actions.announcing import Announcing, Beside, announce, refusal
from .edi.notice import Finding, Notice
from .edi.reading import EDI, LEFT_OUT, NOTICE

LOCK = 7_406_014
SUFFIXES = (".edi", ".x12", ".edifact", ".txt")


class Advices:
    """The writer (`omnichannel.imports.kinds.Writer`) of despatch advices: each is an ASN, and a
    chunk of its own. What the check tells is the act itself, taken back.
    """

    target = ""

    def __init__(self, announcing: Announcing, name: str) -> None:
        self.announcing, self.name = announcing, name
        self.values: list[dict[str, Any]] = []
        self.new: list[bool] = []

    def stage(self, items: Iterator[Item], progress: Progress) -> Staged:
        staged = Staged.nothing()
        with transaction.atomic():
            take_turn()
            for item in items:
                if LEFT_OUT in item.fields:
                    staged.ignored[item.fields[LEFT_OUT]] += 1
                    continue
                self.try_out(item.fields[NOTICE], staged)
                progress.tell(len(self.values))
            transaction.set_rollback(True)
        if not self.values:
            told = {"name": self.name, "found": ", ".join(staged.ignored)[:200] or "–"}
            raise BadFile(
                _("%(name)s holds no despatch advice (X12 856 or EDIFACT DESADV), but: %(found)s.")
                % told
            )
        return staged

    def try_out(self, notice: Notice, staged: Staged) -> None:
        """Announce it, which the caller takes back, and tell what is wrong or strange."""
        read = self.announcing.read(notice)
        errors, warnings, is_new = list(read.errors), list(read.warnings), False
        if not errors:
            try:
                is_new = announce(read.values) is not None
            except ActionError as refused:
                errors.append(refusal(notice, refused))
            else:
                if not is_new:
                    warnings.append(known_before(notice))
        self.values.append(read.values)
        self.new.append(is_new)
        chunk = len(self.values)
        staged.rows[chunk] = 1
        for found in errors:
            staged.problem(problem(found, chunk))
        for found in warnings:
            staged.warn(problem(found, chunk))

    def compare(self, chunk: int) -> Effect:
        return Effect(created=int(self.new[chunk - 1]))

    def write(self, chunk: int) -> Effect:
        """Nothing, where the same message has created it before.

        Raises:
            BadFile: somebody took its number since it was read.
        """
        take_turn()
        try:
            asn = announce(self.values[chunk - 1])
        except ActionError as refused:
            raise BadFile(str(refused)) from refused
        return Effect(created=1, written=1 + asn.lines.count()) if asn else Effect()

    def remember(self) -> None:
        """Nothing: no import of this kind is full. What was announced once stays announced."""

    def clean(self) -> None:
        """As `remember`."""


def take_turn() -> None:
    """Two files with the same numbers in another order would wait for each other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def known_before(notice: Notice) -> Finding:
    cause = _("asn_already_exists: %s was announced before and says the same. It is left as it is.")
    return Finding(notice.segment, notice.tag, notice.number, cause % notice.number)


def problem(found: Finding, chunk: int) -> Problem:
    return Problem(
        found.segment, chunk, found.tag[:64], name_of(found.code), found.cause, found.fix
    )


def writer(import_: Import, source: Source, head: Mapping[str, Any]) -> Advices:
    beside = Beside(**{name: import_.options.get(name, "") for name in Beside._fields})
    return Advices(Announcing(import_.owner, beside, str(import_.uuid)), source.name)


def origin_field() -> forms.Field:
    return forms.CharField(
        label=gettext_lazy("From"),
        max_length=256,
        help_text=gettext_lazy("Location ID, for messages whose sender is none of ours."),
    )


def destination_field() -> forms.Field:
    return forms.CharField(
        label=gettext_lazy("To"),
        max_length=256,
        help_text=gettext_lazy("Location or store ID, for messages that name none of ours."),
    )


ADVICES = Kind(
    name="asns",
    label=gettext_lazy("ASNs (X12 856, EDIFACT DESADV)"),
    permissions=(permissions.RECEIVE_INVENTORY,),
    formats=dict.fromkeys(SUFFIXES, EDI),
    writer=writer,
    options={"origin": Option(origin_field), "destination": Option(destination_field)},
    charset=gettext_lazy("the character set that the messages name"),
    most_bytes=10 * MB,
)
