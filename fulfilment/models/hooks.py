"""An outside system that is asked what may be promised (CONTRACT §4.4)."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class AvailabilityHook(models.Model):
    """Where to ask, and by which identifier products are named there; one for the installation."""

    AUDITED_AS = ("availability_webhook", "pk")
    ONLY = 1

    id = models.SmallIntegerField(primary_key=True, default=ONLY, editable=False)
    url = models.CharField(_("URL"), max_length=2_048)
    sealed_api_key = models.TextField()
    external_identifier = models.CharField(_("product identifier"), max_length=128)
    timeout = models.SmallIntegerField(_("patience in seconds"))
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    class Meta:
        verbose_name = _("availability hook")
        verbose_name_plural = _("availability hooks")
        default_permissions = ()
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_availability_hook")]

    def __str__(self) -> str:
        return self.url
