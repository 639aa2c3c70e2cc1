"""What is typed under Settings."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from . import shelves
from .configuration import EVERYWHERE, MANUAL, STORES, Configuration
from .models import StockLocation

LONGEST_LIST = 20_000
# A hundred years, in minutes and in seconds: what is asked for longer is a mistake.
MOST_MINUTES = 52_560_000
MOST_SECONDS = 2**31 - 1
TIMES = {
    "customer_reservation_minutes": MOST_MINUTES,
    "reservation_timeout_seconds": MOST_SECONDS,
}
DECISIONS = (
    "allow_asn_overreceiving",
    "create_cycle_count_after_mispack",
    "create_cycle_count_after_mispick",
    "full_count_products_counted_before_trading",
    "send_accepted_emails",
    "send_rejected_emails",
)
CONFIRMING = "require_confirmation_on_scanning"
PHONE_LABELS = {
    "allow_adjustments_manual_quantity_editing": gettext_lazy("Adjusting: quantities may be typed"),
    "allow_counts_manual_quantity_editing": gettext_lazy("Counting: quantities may be typed"),
    "allow_full_counts_manual_quantity_editing": gettext_lazy(
        "Full counts: quantities may be typed"
    ),
    "allow_receiving_manual_quantity_editing": gettext_lazy("Receiving: quantities may be typed"),
    "allow_transfers_manual_quantity_editing": gettext_lazy(
        "Transferring: quantities may be typed"
    ),
    CONFIRMING: gettext_lazy("Each scan is confirmed"),
    "enabled_adjustments_stores": gettext_lazy("Stores that adjust"),
    "enabled_carton_receiving_stores": gettext_lazy("Stores that receive cartons"),
    "enabled_counts_stores": gettext_lazy("Stores that count"),
    "enabled_full_counts_stores": gettext_lazy("Stores that count as a whole"),
    "enabled_receiving_stores": gettext_lazy("Stores that receive"),
    "enabled_receiving_without_asn_stores": gettext_lazy("Stores that receive without an ASN"),
    "enabled_reservations_stores": gettext_lazy("Stores that reserve for customers"),
    "enabled_store_initiated_transfers_stores": gettext_lazy("Stores that begin transfers"),
    "enabled_transfers_stores": gettext_lazy("Stores that transfer"),
}


class ShelfForm(forms.Form):
    display_name = forms.CharField(label=gettext_lazy("Display name"), max_length=128)


class NewShelfForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=64,
        help_text=gettext_lazy("What integrations call it, for ever; display, for example."),
    )
    display_name = forms.CharField(
        label=gettext_lazy("Display name"), max_length=128, required=False
    )


class ConditionForm(forms.Form):
    code = forms.IntegerField(
        label=gettext_lazy("Condition code"), min_value=-(2**31), max_value=2**31 - 1
    )
    shelf = forms.ModelChoiceField(
        queryset=StockLocation.objects.none(),
        to_field_name="name",
        label=gettext_lazy("Stock location"),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field: Any = self.fields["shelf"]
        field.queryset = shelves.ours().order_by("pk")


class StoreList(forms.CharField):
    """Store ids between commas or spaces; a star is every store."""

    def clean(self, value: Any) -> list[str]:
        text = super().clean(value)
        return list(dict.fromkeys(text.replace(",", " ").split()))

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value


class ConfigurationForm(forms.Form):
    """The decisions of CONTRACT §4 and §4.6 as one form."""

    def __init__(self, stored: Configuration, data: Any = None) -> None:
        super().__init__(data)
        for name in DECISIONS:
            box = forms.BooleanField(label=label_of(name), required=False)
            self.add(name, box, getattr(stored, name))
        for name, most in TIMES.items():
            number = forms.IntegerField(label=label_of(name), min_value=1, max_value=most)
            self.add(name, number, getattr(stored, name))
        for name in (*MANUAL, CONFIRMING):
            box = forms.BooleanField(label=PHONE_LABELS[name], required=False)
            self.add(name, box, stored.phone[name])
        for name in STORES:
            text = StoreList(
                label=PHONE_LABELS[name],
                required=False,
                max_length=LONGEST_LIST,
                help_text=_("Store IDs between commas; %s is every store, nothing is none.")
                % EVERYWHERE,
            )
            self.add(name, text, stored.phone[name])

    def add(self, name: str, field: forms.Field, value: Any) -> None:
        field.initial = value
        self.fields[name] = field

    def clean(self) -> dict[str, Any]:
        """As the configuration holds them."""
        told = super().clean() or self.cleaned_data
        phone = {name: told[name] for name in (*MANUAL, CONFIRMING, *STORES) if name in told}
        named = {name: told[name] for name in (*DECISIONS, *TIMES) if name in told}
        return {**named, "phone": phone}


def label_of(name: str) -> str:
    label = str(Configuration._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
    return label[:1].upper() + label[1:]
