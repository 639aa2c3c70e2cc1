"""Which report is asked for."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from omnichannel.locations.models import FulfillmentLocation


class PeriodForm(forms.Form):
    """Which store, and from which of its days to which, both included."""

    store = forms.ModelChoiceField(
        queryset=FulfillmentLocation.objects.none(),
        to_field_name="code",
        label=gettext_lazy("Store"),
    )
    first = forms.DateField(
        label=gettext_lazy("From"), widget=forms.DateInput(attrs={"type": "date"})
    )
    last = forms.DateField(label=gettext_lazy("To"), widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, stores: QuerySet[FulfillmentLocation], *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field: Any = self.fields["store"]
        field.queryset = stores
        for name in ("first", "last"):
            # The browser's own field wants a day as ISO writes it, in every language.
            widget: Any = self.fields[name].widget
            widget.format = "%Y-%m-%d"

    def clean(self) -> dict[str, Any]:
        told = super().clean() or self.cleaned_data
        first, last = told.get("first"), told.get("last")
        if first and not 1900 <= first.year <= 2199:
            self.add_error("first", _("Give a year from 1900 to 2199."))
        if last and not 1900 <= last.year <= 2199:
            self.add_error("last", _("Give a year from 1900 to 2199."))
        if first and last and last < first:
            self.add_error("last", _("The last day is before the first."))
        return told
