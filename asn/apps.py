from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AsnConfig(AppConfig):
    name = "asn"
    verbose_name = _("Advance shipping notices")
