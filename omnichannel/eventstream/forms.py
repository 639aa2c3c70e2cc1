"""What is typed about an integration (CONTRACT §3.5)."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .addresses import Refused, checked
from .models import Integration
from .names import INVENTORY, entity_of

# As the API takes them.
PRINTABLE = r"^[ -~]*$"
PREFIX = r"^[a-zA-Z0-9\-/_.]*[^/]$"
ENTITIES = tuple(dict.fromkeys(entity_of(name) for name in INVENTORY))
HIDDEN = {"autocomplete": "off", "spellcheck": "false"}


class EventsForm(forms.Form):
    """Which events; `integration` is the one that is changed, or that a replay copies.

    What it asks for already is among the boxes, also where this product does not publish it: a
    change of the address must not change what is sent.
    """

    event_filter = forms.MultipleChoiceField(
        label=gettext_lazy("Events"),
        required=False,
        help_text=gettext_lazy("None chosen here or below: all of them."),
        widget=forms.CheckboxSelectMultiple,
    )
    entity_filter = forms.MultipleChoiceField(
        label=gettext_lazy("All events about"),
        required=False,
        help_text=gettext_lazy("Beside the events chosen above, also later ones of that kind."),
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, integration: Integration | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        self.integration = integration
        for name, offered in (("event_filter", INVENTORY), ("entity_filter", ENTITIES)):
            asked = getattr(integration, name) if integration else []
            field: Any = self.fields[name]
            field.choices = [(text, text) for text in dict.fromkeys((*offered, *asked))]

    def fields_of_model(self) -> dict[str, Any]:
        given = self.cleaned_data
        return {name: given[name] for name in ("event_filter", "entity_filter")}


class WebhookForm(EventsForm):
    """A callback; an empty key of a change keeps the one that is stored."""

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
        strip=False,
        help_text=gettext_lazy("Sent as “Authorization: Bearer …”. Stored encrypted, never shown."),
        error_messages={"invalid": gettext_lazy("Use letters, digits and signs of ASCII only.")},
        widget=forms.PasswordInput(attrs=HIDDEN),
    )
    no_api_key = forms.BooleanField(label=gettext_lazy("Remove the stored API key"), required=False)
    field_order: Any = ("name", "callback_url", "api_key", "no_api_key")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if not (self.integration and self.integration.sealed_api_key):
            del self.fields["no_api_key"]

    def clean_callback_url(self) -> str:
        """
        Raises:
            ValidationError: none that events may go to (RELIABILITY rule 19).
        """
        address = self.cleaned_data["callback_url"]
        try:
            checked(address)
        except Refused as refused:
            raise forms.ValidationError(str(refused)) from refused
        return address

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("no_api_key") and given.get("api_key"):
            self.add_error("no_api_key", _("Give a new key, or remove the old one; not both."))
        return given

    def fields_of_model(self) -> dict[str, Any]:
        given = self.cleaned_data
        told = {**super().fields_of_model(), "callback_url": given["callback_url"]}
        if given["api_key"] or given.get("no_api_key"):
            told["api_key"] = given["api_key"]
        return told


class BucketForm(EventsForm):
    """A bucket; empty keys of a change keep those that are stored."""

    bucket = forms.RegexField(
        r"^[a-zA-Z0-9.\-_]+$", label=gettext_lazy("Bucket"), max_length=255, min_length=3
    )
    aws_region = forms.RegexField(
        r"^[a-z0-9-]+$", label=gettext_lazy("AWS region"), max_length=64, initial="eu-central-1"
    )
    key_prefix = forms.RegexField(
        PREFIX,
        label=gettext_lazy("Prefix of the keys"),
        max_length=64,
        required=False,
        help_text=gettext_lazy("Files are called prefix/tenant/time-data-….export."),
    )
    aws_access_key_id = forms.CharField(
        label=gettext_lazy("Access key ID"), max_length=256, widget=forms.TextInput(attrs=HIDDEN)
    )
    aws_secret_access_key = forms.CharField(
        label=gettext_lazy("Secret access key"),
        max_length=256,
        help_text=gettext_lazy("Stored encrypted, never shown."),
        widget=forms.PasswordInput(attrs=HIDDEN),
    )
    field_order = ("name", "bucket", "aws_region", "key_prefix", "aws_access_key_id", "aws_secret_access_key")  # fmt: skip

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in ("aws_access_key_id", "aws_secret_access_key"):
            self.fields[name].required = self.integration is None

    def fields_of_model(self) -> dict[str, Any]:
        given, told = self.cleaned_data, super().fields_of_model()
        told |= {name: given[name] for name in ("bucket", "aws_region", "key_prefix")}
        secrets = ("aws_access_key_id", "aws_secret_access_key")
        return told | {name: given[name] for name in secrets if given[name]}


class NameForm(forms.Form):
    name = forms.RegexField(
        r"^[a-z0-9-]+$",
        label=gettext_lazy("Integration ID"),
        max_length=50,
        help_text=gettext_lazy("Small letters, digits and hyphens; it cannot be changed later."),
        error_messages={"invalid": gettext_lazy("Use small letters, digits and hyphens only.")},
    )


class PeriodForm(forms.Form):
    """The period of a temporary integration, in UTC, from its first moment to its last."""

    starts_at = forms.DateTimeField(
        label=gettext_lazy("From (UTC)"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
    )
    ends_at = forms.DateTimeField(
        label=gettext_lazy("Until (UTC)"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
        help_text=gettext_lazy("A moment to come is fine: it ends after the last event before it."),
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        start, end = given.get("starts_at"), given.get("ends_at")
        if start and end and start >= end:
            self.add_error("ends_at", _("The end lies before the beginning."))
        elif start and start > timezone.now():
            self.add_error("starts_at", _("The beginning lies in the future."))
        return given

    def period(self) -> dict[str, Any]:
        given = self.cleaned_data
        return {
            "type": Integration.Type.TEMPORARY,
            "starts_at": given["starts_at"],
            "ends_at": given["ends_at"],
        }


class NewWebhook(NameForm, WebhookForm):
    pass


class TemporaryWebhook(NameForm, PeriodForm, WebhookForm):
    field_order = ("name", "starts_at", "ends_at", "callback_url", "api_key")

    def fields_of_model(self) -> dict[str, Any]:
        return {**super().fields_of_model(), **self.period()}


class NewBucket(NameForm, BucketForm):
    def fields_of_model(self) -> dict[str, Any]:
        return {**super().fields_of_model(), "target": Integration.Target.S3}


class ReplayForm(NameForm, PeriodForm, EventsForm):
    """The events of a period once more, to where `integration` sends, under its keys."""

    field_order = ("name", "starts_at", "ends_at", "event_filter", "entity_filter")

    def fields_of_model(self) -> dict[str, Any]:
        return {**super().fields_of_model(), **self.period()}
