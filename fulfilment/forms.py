"""What is typed, or chosen, on the pages of this room."""

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .imports.safety_stock import MOST_BYTES


class SafetyStockForm(forms.Form):
    """`key` makes a form that is sent twice one upload."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    file = forms.FileField(label=gettext_lazy("File"), max_length=256, allow_empty_file=True)

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if (file.size or 0) > MOST_BYTES:
            most = MOST_BYTES // 1_000_000
            raise ValidationError(_("The file has more than %d MB. Split it.") % most)
        return file
