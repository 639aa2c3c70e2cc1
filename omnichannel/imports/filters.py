from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from omnichannel.web.filters import Choices, Conditions, FilterSet, Search

from .kinds import kinds
from .models import Import

RUNS = {
    "open": (_("Not ended"), Q(state__in=Import.OPEN)),
    "checked": (
        _("Checked, not written"),
        Q(is_rehearsal=True, state=Import.State.FINISHED, errors=0),
    ),
    "errors": (_("With errors"), Q(errors__gt=0)),
}


class ImportFilters(FilterSet):
    q = Search(through="", fields=["name", "provider"], label=_("Name or provider"))
    contents = Conditions(
        label=_("Contents"),
        conditions={
            kind.name: (kind.label, Q(entities__contains=[kind.name])) for kind in kinds().values()
        },
    )
    state = Choices(field_name="state", label=_("State"), choices=Import.State)
    which = Conditions(label=_("Which"), conditions=RUNS)
    origin = Choices(field_name="origin", label=_("Origin"), choices=Import.Origin)
