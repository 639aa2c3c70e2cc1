"""What was answered under which Idempotency-Key, written in the transaction of the act."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class IdempotencyKey(models.Model):
    """One act of one principal; `fingerprint` is SHA-256 of method, address and body.

    `is_kept`: of an act that moved stock, so it is never forgotten (RELIABILITY rule 7).
    """

    principal = models.CharField(max_length=64, db_collation="C")
    key = models.CharField(max_length=255, db_collation="C")
    fingerprint = models.CharField(max_length=64, db_collation="C")
    status = models.PositiveSmallIntegerField()
    body = models.TextField(blank=True)
    location = models.CharField(max_length=512, blank=True)
    is_kept = models.BooleanField(default=False)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("idempotency key")
        verbose_name_plural = _("idempotency keys")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["principal", "key"], name="answered_once_per_key")
        ]
        indexes = [
            models.Index(
                fields=["created_at"],
                condition=models.Q(is_kept=False),
                name="idempotency_key_by_age",
            )
        ]

    def __str__(self) -> str:
        return f"{self.principal} {self.key}"
