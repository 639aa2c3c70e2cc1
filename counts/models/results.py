import pgtrigger
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from inventory.models import InventoryTransaction, key_to
from omnichannel.catalog.models import Product

from .documents import Count, key_to_user


class CountAnswer(models.Model):
    """What a person decided about a line that has a question (PRODUCT §7, §7a).

    It holds for the figures it was given for: when `counted`, `low` or `high` is another one
    now, the question is open again.
    """

    class Choice(models.TextChoices):
        PROPOSAL = "PROPOSAL", _("The proposal")
        ALREADY_COUNTED = "ALREADY_COUNTED", _("Already counted")
        NOT_YET_COUNTED = "NOT_YET_COUNTED", _("Not yet counted")
        ZERO = "ZERO", _("Set to 0")
        LEAVE = "LEAVE", _("Leave as it is")

    pk = models.CompositePrimaryKey("count_id", "product_id")
    count = models.ForeignKey(Count, models.PROTECT, related_name="answers", db_index=False)
    product = key_to(Product)
    choice = models.CharField(_("answer"), max_length=15, choices=Choice)
    counted = models.IntegerField(_("counted"), null=True)
    low = models.IntegerField(_("lowest variance"))
    high = models.IntegerField(_("highest variance"))
    by = key_to_user(verbose_name=_("answered by"))
    answered_at = models.DateTimeField(_("answered"), db_default=Now())

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        default_permissions = ()


class Mark(models.TextChoices):
    """PRODUCT §7a: what is known of a line's movements while it was counted."""

    # "Clear" is a verb elsewhere.
    CLEAR = "CLEAR", pgettext_lazy("mark", "Clear")
    TRADED = "TRADED", _("Traded while counted")
    AMBIGUOUS = "AMBIGUOUS", _("Ambiguous")


class CountResult(models.Model):
    """A line as it stood when its count was completed; nothing of it changes afterwards.

    `book` = expected + moved since. `low`…`high` is the band of variances that the line's own
    observations allow, `wide_low`…`wide_high` the one over the whole count. `delta` was posted;
    empty where nothing was. `first_at` and `last_at` are the moments the book was rewound to.
    """

    pk = models.CompositePrimaryKey("count_id", "product_id")
    # Copied by one statement from rows that are checked (ADR 0007).
    count = models.ForeignKey(
        Count, models.PROTECT, related_name="results", db_index=False, db_constraint=False
    )
    product = key_to(Product, db_constraint=False)
    expected = models.IntegerField(_("expected"))
    counted = models.IntegerField(_("counted"), null=True)
    book = models.IntegerField(_("on hand"))
    low = models.IntegerField(_("lowest variance"))
    high = models.IntegerField(_("highest variance"))
    wide_low = models.IntegerField(_("lowest variance over the count"))
    wide_high = models.IntegerField(_("highest variance over the count"))
    delta = models.IntegerField(_("variance"), null=True)
    mark = models.CharField(_("mark"), max_length=9, choices=Mark)
    question = models.CharField(_("question"), max_length=9, blank=True)
    choice = models.CharField(_("answer"), max_length=15, blank=True)
    first_at = models.DateTimeField(_("first observation"))
    last_at = models.DateTimeField(_("last observation"))
    price = models.DecimalField(_("price"), max_digits=12, decimal_places=2, null=True)

    class Meta:
        verbose_name = _("result of a count")
        verbose_name_plural = _("results of counts")
        default_permissions = ()
        triggers = [
            pgtrigger.Protect(
                name="result_is_append_only", operation=pgtrigger.Update | pgtrigger.Delete
            )
        ]


class LateCorrection(models.Model):
    """A late movement that was taken back, once, by a document of its own."""

    count = models.ForeignKey(
        Count, models.PROTECT, related_name="late_corrections", db_index=False
    )
    movement_id = models.BigIntegerField(_("movement"), unique=True)
    transaction = models.ForeignKey(
        InventoryTransaction, models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        verbose_name = _("correction of a late movement")
        verbose_name_plural = _("corrections of late movements")
        default_permissions = ()
