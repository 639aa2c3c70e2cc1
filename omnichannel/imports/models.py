"""What is kept of an import: itself, its file, its chunks and what was wrong with its rows."""

import uuid
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class ImportQuerySet(models.QuerySet["Import"]):
    def visible_to(self, user: Any) -> "ImportQuerySet":
        """Imports name no store: who may see the page sees all."""
        return self

    def open(self) -> "ImportQuerySet":
        return self.filter(state__in=Import.OPEN)


class Import(models.Model):
    """One file on its way into the product.

    `entities` are names of kinds (`omnichannel.imports.kinds`). `options` is what a person chose
    beside the file, by the kind's names; `ignored` counts by name what the file tells and nothing
    here has a place for. `is_rehearsal` is a dry run: nothing is written.
    """

    class State(models.TextChoices):
        RECEIVED = "RECEIVED", _("Received")
        WAITING = "WAITING", _("Waiting")
        PROCESSING = "PROCESSING", _("Processing")
        CLEANING = "CLEANING", _("Cleaning")
        FINISHED = "FINISHED", _("Finished")
        FAILED = "FAILED", _("Failed")
        PARTIALLY_FAILED = "PARTIALLY_FAILED", _("Partially failed")

    OPEN = (State.RECEIVED, State.WAITING, State.PROCESSING, State.CLEANING)

    class Origin(models.TextChoices):
        API = "API", _("API")
        BROWSER = "BROWSER", _("Browser")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    origin = models.CharField(_("origin"), max_length=7, choices=Origin)
    provider = models.CharField(_("provider"), max_length=256, blank=True)
    name = models.CharField(_("name"), max_length=256, blank=True)
    entities = ArrayField(models.CharField(max_length=16), verbose_name=_("entities"))
    source_uri = models.CharField(_("source"), max_length=2048, blank=True)
    transformed_uri = models.CharField(_("file"), max_length=2048, blank=True)
    revision = models.BigIntegerField(_("revision"), null=True)
    full = models.BooleanField(_("full"), default=False)
    shop = models.CharField(_("shop"), max_length=256, blank=True)
    locale = models.CharField(_("locale"), max_length=32, blank=True)
    store_ids = models.JSONField(default=list)
    options = models.JSONField(_("options"), default=dict)
    is_rehearsal = models.BooleanField(_("dry run"), default=False)
    state = models.CharField(_("state"), max_length=16, choices=State, default=State.RECEIVED)
    reason = models.TextField(_("reason"), blank=True)
    rows = models.PositiveIntegerField(_("rows"), default=0)
    done = models.PositiveIntegerField(_("done"), default=0)
    created = models.PositiveIntegerField(_("new"), default=0)
    updated = models.PositiveIntegerField(_("changed"), default=0)
    errors = models.PositiveIntegerField(_("errors"), default=0)
    ignored = models.JSONField(_("left out"), default=dict)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("owner"),
    )
    job = models.ForeignKey(
        "jobs.Job", models.SET_NULL, null=True, related_name="+", verbose_name=_("job")
    )
    received_at = models.DateTimeField(_("received"), db_default=Now())
    completed_at = models.DateTimeField(_("completed"), null=True)

    objects = ImportQuerySet.as_manager()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        indexes = [
            models.Index(fields=["-received_at", "-id"], name="import_by_received"),
            models.Index(fields=["state", "-id"], name="import_by_state"),
        ]

    def __str__(self) -> str:
        return self.name or ", ".join(self.entities)

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN

    def wrong(self) -> "models.QuerySet[ImportProblem]":
        """What keeps rows out, in the order of the files."""
        return ImportProblem.objects.filter(of=self, is_warning=False).order_by("id")

    def strange(self) -> "models.QuerySet[ImportProblem]":
        """What is told of rows that come in."""
        return ImportProblem.objects.filter(of=self, is_warning=True).order_by("id")


class ImportPiece(models.Model):
    """A part of the file as it came, so that any worker can begin again with the same bytes."""

    of = models.ForeignKey(Import, models.CASCADE, related_name="pieces", db_index=False)
    number = models.PositiveIntegerField()
    data = models.BinaryField()

    class Meta:
        verbose_name = _("part of an import's file")
        verbose_name_plural = _("parts of imports' files")
        constraints = [models.UniqueConstraint(fields=["of", "number"], name="import_piece_once")]

    def __str__(self) -> str:
        return f"{self.of_id}/{self.number}"


class ImportChunk(models.Model):
    """Rows that were written together, or not at all; committed with them, so it is written once."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    of = models.ForeignKey(Import, models.CASCADE, related_name="chunks", db_index=False)
    entity = models.CharField(_("entity"), max_length=16)
    file = models.CharField(_("file"), max_length=256, blank=True)
    number = models.PositiveIntegerField(_("number"))
    size = models.PositiveIntegerField(_("rows"))
    written = models.PositiveIntegerField(_("written"), default=0)
    failed = models.BooleanField(_("failed"), default=False)
    failure_message = models.TextField(_("failure"), blank=True)
    created_at = models.DateTimeField(_("created"), db_default=Now())
    completed_at = models.DateTimeField(_("completed"), db_default=Now())

    class Meta:
        verbose_name = _("chunk of an import")
        verbose_name_plural = _("chunks of imports")
        constraints = [
            models.UniqueConstraint(fields=["of", "entity", "number"], name="import_chunk_once")
        ]

    def __str__(self) -> str:
        return f"{self.entity} {self.number}"


class ImportProblem(models.Model):
    """What was wrong with one row: `cause` says what, `fix` what to do about it. A warning is told
    of a row that came in.

    `row` counts from 1 in each file: the item of a JSON file, the line of a CSV whose header is
    line 1, the segment of an EDI file; 0 is what an integration told. `chunk` is 0 too where there is none.
    """

    error_id = models.UUIDField(default=uuid.uuid4, editable=False)
    of = models.ForeignKey(Import, models.CASCADE, related_name="problems", db_index=False)
    file = models.CharField(_("file"), max_length=256, blank=True)
    chunk = models.PositiveIntegerField(_("chunk"), default=0)
    row = models.PositiveIntegerField(_("row"))
    column = models.CharField(_("column"), max_length=64, blank=True)
    entity_type = models.CharField(_("entity"), max_length=16)
    entity_id = models.CharField(_("ID"), max_length=256, db_collation="C")
    cause = models.TextField(_("cause"))
    fix = models.TextField(_("fix"), blank=True)
    is_warning = models.BooleanField(_("warning"), default=False, db_default=False)
    created_at = models.DateTimeField(_("created"), db_default=Now())

    class Meta:
        verbose_name = _("error of an import")
        verbose_name_plural = _("errors of imports")
        constraints = [
            models.UniqueConstraint(fields=["of", "error_id"], name="import_problem_once")
        ]
        indexes = [models.Index(fields=["of", "id"], name="import_problem_by_order")]

    def __str__(self) -> str:
        return f"{self.row}: {self.cause}"

    @property
    def reason(self) -> str:
        """Cause and fix in one text, as the contract has it."""
        return f"{self.cause} {self.fix}".strip()
