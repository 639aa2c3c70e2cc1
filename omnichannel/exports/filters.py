from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from omnichannel.jobs.models import Job
from omnichannel.web.filters import Choices, Conditions, FilterSet, Search, Words

from .models import Export

READY = Q(ready_at__isnull=False) & Q(expires_at__gt=Now())


class ExportFilters(FilterSet):
    q = Search(through="", fields=["title", "name"], label=_("List or file"))
    format = Choices(field_name="format", label=_("Format"), choices=Export.Format)
    state = Conditions(
        label=_("State"),
        conditions={
            "open": (_("Under way"), Q(job__state__in=Job.OPEN)),
            "ready": (_("Ready"), READY),
            "expired": (_("Expired"), Q(expires_at__lte=Now())),
            "failed": (_("Failed"), Q(job__state=Job.State.FAILED)),
        },
    )
    owner = Words(field_name="owner__username", label=_("Owner"))
