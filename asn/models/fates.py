import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from inventory.models import MAX_QUANTITY, InventoryTransaction, key_to

from .documents import Asn, AsnLine, Fate
from .receipts import Receipt


class FateDecision(models.Model):
    """Units of a line that went from one fate to another; who said so, and what followed.

    Never edited: a changed mind is a further row. A late arrival leaves one too, with no
    `fate`: those units were received after all, by `receipt`.
    """

    operation_key = models.CharField(max_length=200, db_collation="C", editable=False)
    asn = models.ForeignKey(Asn, models.PROTECT, related_name="decisions", db_index=False)
    line = models.ForeignKey(AsnLine, models.PROTECT, related_name="decisions", db_index=False)
    before = models.CharField(_("before"), max_length=13, choices=Fate)
    fate = models.CharField(_("fate"), max_length=13, choices=Fate, blank=True)
    quantity = models.IntegerField(_("quantity"))
    note = models.TextField(_("note"), blank=True, default="")
    decided_at = models.DateTimeField(_("decided"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        db_index=False,
        verbose_name=_("user"),
    )
    associate_id = models.CharField(_("associate"), max_length=128, db_collation="C")
    transaction = key_to(InventoryTransaction, null=True, verbose_name=_("transaction"))
    return_asn = key_to(Asn, null=True, verbose_name=_("return"))
    receipt = key_to(Receipt, null=True, verbose_name=_("receipt"))

    class Meta:
        verbose_name = _("decision about a remainder")
        verbose_name_plural = _("decisions about remainders")
        default_permissions = ()
        indexes = [models.Index(fields=["asn", "id"], name="decision_by_asn")]
        constraints = [
            models.CheckConstraint(
                condition=Q(quantity__gte=1, quantity__lte=MAX_QUANTITY),
                name="decision_quantity_in_range",
            )
        ]
        triggers = [
            pgtrigger.Protect(
                name="decision_is_append_only",
                operation=pgtrigger.Update | pgtrigger.Delete,
            )
        ]
