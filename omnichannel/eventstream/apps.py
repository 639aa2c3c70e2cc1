from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EventStreamConfig(AppConfig):
    name = "omnichannel.eventstream"
    verbose_name = _("Event Stream")
