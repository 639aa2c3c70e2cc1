"""Settings > Adjustment Reasons (PRODUCT §2, §5)."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from omnichannel.web.details import one
from omnichannel.web.formpage import FormPage
from omnichannel.web.lists import ListPage
from omnichannel.web.shell import Item

from .. import actions, filters, permissions, tables
from ..forms import NewReasonForm, ReasonForm
from ..models import AdjustmentReason

SETTINGS = gettext_lazy("Settings")
REASONS = (gettext_lazy("Adjustment Reasons"), "inventory:reasons")
SIDES = ("origin", "destination")
SEEING = (permissions.VIEW_INVENTORY_MANAGEMENT, permissions.MODIFY_REASON_CODES)
NEW = Item(
    gettext_lazy("New reason"), "inventory:reason-new", "plus", permissions.MODIFY_REASON_CODES
)


class ReasonList(ListPage):
    title = REASONS[0]
    crumbs = (SETTINGS,)
    permission_required = SEEING
    table, filterset = tables.ReasonTable, filters.ReasonFilters
    makers = (NEW,)
    empty_text = gettext_lazy("Reasons appear here once an administrator adds them.")

    def get_queryset(self) -> QuerySet:
        """Reasons are the same for everybody."""
        return AdjustmentReason.objects.all()


class NewReason(FormPage):
    title = NEW.label
    crumbs = (SETTINGS, REASONS)
    permission_required = permissions.MODIFY_REASON_CODES
    form_class = NewReasonForm
    lead = gettext_lazy("Between which stock locations it moves stands for ever; its words do not.")
    verb, back = gettext_lazy("Create"), REASONS[1]

    def act(self, values: dict[str, Any]) -> str:
        sides = {side: values[side].name if values[side] else None for side in SIDES}
        reason = actions.create_reason(self.request, **{**values, **sides})
        return _("%s can be chosen from now on.") % reason


class EditReason(FormPage):
    crumbs = (SETTINGS, REASONS)
    permission_required = SEEING
    edit_permission = permissions.MODIFY_REASON_CODES
    form_class = ReasonForm
    lead = gettext_lazy("What was posted under a reason keeps the words it was posted with.")
    verb, back = gettext_lazy("Save"), REASONS[1]

    def reason(self) -> AdjustmentReason:
        return one(AdjustmentReason.objects.all(), uuid=self.kwargs["uuid"])

    def get_title(self) -> str:
        return str(self.reason())

    def form(self, data: Any = None) -> forms.Form:
        reason = self.reason()
        told = {name: getattr(reason, name) for name in ("type", "subtype", "is_active")}
        return self.form_class(data, initial=told)

    def act(self, values: dict[str, Any]) -> str:
        actions.change_reason(self.request, self.reason().pk, values)
        return _("Saved.")
