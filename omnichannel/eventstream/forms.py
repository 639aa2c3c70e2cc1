"""What is typed about an integration (CONTRACT §3.5)."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .addresses import Refused, checked
from .models import Integration
from .names import INVENTORY

PRINTABLE = r"^[ -~]*$"


class TargetForm(forms.Form):
    """Where events go, and which ones."""

    callback_url = forms.CharField(
        label=gettext_lazy("Callback URL"),
        max_length=2_048,
        help_text=gettext_lazy("Every event is sent here by POST, as JSON."),
        widget=forms.URLInput(attrs={"placeholder": "https://erp.example.com/events"}),
    )
    api_key = forms.RegexField(
        PRINTABLE,
        label=gettext_lazy("API key"),
        max_length=1_024,
        required=False,
        help_text=gettext_lazy("Sent as “Authorization: Bearer …”. Stored encrypted, never shown."),
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    event_filter = forms.MultipleChoiceField(
        label=gettext_lazy("Events"),
        choices=[(name, name) for name in INVENTORY],
        required=False,
        help_text=gettext_lazy("None chosen: all of them."),
        widget=forms.CheckboxSelectMultiple,
    )

    def clean_callback_url(self) -> str:
        """
        Raises:
            ValidationError: none that events may go to (RELIABILITY rule 19).
        """
        try:
            return str(checked(self.cleaned_data["callback_url"].strip()))
        except Refused as refused:
            raise forms.ValidationError(str(refused)) from refused

    def fields_of_model(self) -> dict[str, Any]:
        given = self.cleaned_data
        told = {
            "target": Integration.Target.WEBHOOK,
            "callback_url": given["callback_url"],
            "event_filter": given["event_filter"],
        }
        # An empty field of a change keeps the key that is there.
        return {**told, "api_key": given["api_key"]} if given["api_key"] else told


class IntegrationForm(TargetForm):
    """A new one; with a period it is temporary and gets the kept events of that period again."""

    name = forms.RegexField(
        r"^[a-z0-9-]+$",
        label=gettext_lazy("Integration ID"),
        max_length=50,
        help_text=gettext_lazy("Small letters, digits and hyphens; it cannot be changed later."),
        error_messages={"invalid": gettext_lazy("Use small letters, digits and hyphens only.")},
    )
    starts_at = forms.DateTimeField(
        label=gettext_lazy("Replay from (UTC)"),
        required=False,
        help_text=gettext_lazy(
            "With both moments the integration is temporary: it gets the events of that time once more, then ends."
        ),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
    )
    ends_at = forms.DateTimeField(
        label=gettext_lazy("Replay until (UTC)"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
    )
    field_order = ("name", "callback_url", "api_key", "event_filter", "starts_at", "ends_at")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        start, end = given.get("starts_at"), given.get("ends_at")
        if bool(start) != bool(end):
            self.add_error("ends_at" if start else "starts_at", _("Give both moments, or none."))
        elif start and start >= end:
            self.add_error("ends_at", _("The end lies before the beginning."))
        elif start and start > timezone.now():
            self.add_error("starts_at", _("The beginning lies in the future."))
        return given

    def fields_of_model(self) -> dict[str, Any]:
        given, told = self.cleaned_data, super().fields_of_model()
        if given.get("starts_at"):
            told |= {
                "type": Integration.Type.TEMPORARY,
                "starts_at": given["starts_at"],
                "ends_at": given["ends_at"],
            }
        return told
