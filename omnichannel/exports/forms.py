from django import forms
from django.utils.translation import gettext_lazy as _

from omnichannel.web.choosing import EVERY
from omnichannel.web.lists import ListPage

from .asking import LONGEST_ADDRESS
from .models import Export

SHOWN = "shown"


class ExportForm(forms.Form):
    """Which list, as what file; `key` makes a second click the same export."""

    list = forms.CharField(widget=forms.HiddenInput, max_length=LONGEST_ADDRESS)
    key = forms.UUIDField(widget=forms.HiddenInput)
    format = forms.ChoiceField(
        label=_("Format"),
        choices=Export.Format.choices,
        initial=Export.Format.XLSX,
        widget=forms.RadioSelect,
    )
    columns = forms.ChoiceField(
        label=_("Columns"),
        choices=[(SHOWN, _("As the list shows them")), (EVERY, _("All columns"))],
        initial=SHOWN,
        widget=forms.RadioSelect,
    )

    def address_of(self, page: ListPage) -> str:
        """The list's address with its columns named: a habit may change before the job runs."""
        asked = page.asked
        columns = EVERY if self.cleaned_data["columns"] == EVERY else ".".join(asked.visible)
        return page.request.path + asked.address(cols=columns)
