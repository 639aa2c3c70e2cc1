"""The words for why stock is adjusted."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from omnichannel.locations.models import StockLocation


class ReasonForm(forms.Form):
    """The words of an adjustment reason, and whether it is offered."""

    type = forms.CharField(label=gettext_lazy("Adjustment type"), max_length=64)
    subtype = forms.CharField(label=gettext_lazy("Adjustment reason"), max_length=128)
    is_active = forms.BooleanField(label=gettext_lazy("Active"), required=False)


class NewReasonForm(forms.Form):
    type = forms.CharField(label=gettext_lazy("Adjustment type"), max_length=64)
    subtype = forms.CharField(label=gettext_lazy("Adjustment reason"), max_length=128)
    origin = forms.ModelChoiceField(
        queryset=StockLocation.objects.none(), label=gettext_lazy("Origin"), required=False
    )
    destination = forms.ModelChoiceField(
        queryset=StockLocation.objects.none(), label=gettext_lazy("Destination"), required=False
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        # What is set aside or on its way moves by its own documents, never by an adjustment.
        shelves = StockLocation.objects.exclude(name__startswith="_").order_by("pk")
        for side in ("origin", "destination"):
            field: Any = self.fields[side]
            field.queryset, field.to_field_name = shelves, "name"
            field.empty_label = _("Outside the store")
