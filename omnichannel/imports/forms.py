from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from omnichannel.documents import ActionError

from .actions import file_name
from .archive import MB, ZIP, suffix_of
from .fetching import MOST_BYTES, check_address
from .kinds import Kind


class FileForm(forms.Form):
    """A file from somebody's own machine or its address; what is wrong is told beside the field."""

    file = forms.FileField(label=gettext_lazy("File"), max_length=256, required=False)
    address = forms.CharField(
        label=gettext_lazy("Or its address"),
        max_length=2048,
        required=False,
        help_text=gettext_lazy("Beginning with https://; the file is fetched from there once."),
        widget=forms.URLInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, kind: Kind, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.kind = kind
        self.fields["file"].widget.attrs["accept"] = ",".join(kind.suffixes)
        told = {
            "suffixes": ", ".join(kind.suffixes),
            "charset": kind.charset,
            "most": kind.most_bytes // MB,
        }
        self.fields["file"].help_text = (
            _("%(suffixes)s, in %(charset)s; at most %(most)d MB unpacked.") % told
        )
        for name, option in kind.options.items():
            self.fields[name] = option.field()
            self.fields[name].required = False

    def clean_file(self) -> UploadedFile | None:
        file = self.cleaned_data["file"]
        if not file:
            return None
        suffix = self.checked_suffix(file.name)
        most = MOST_BYTES if suffix == ZIP else self.kind.most_bytes
        if file.size > most:
            raise ValidationError(
                _("The file has more than %d MB. Split it, or send it as a ZIP.") % (most // MB)
            )
        return file

    def clean_address(self) -> str:
        address = self.cleaned_data["address"]
        if address:
            try:
                check_address(address)
            except ActionError as refused:
                raise ValidationError(str(refused)) from refused
            self.checked_suffix(file_name(address))
        return address

    def checked_suffix(self, name: str) -> str:
        suffix = suffix_of(name)
        if suffix not in self.kind.suffixes:
            told = ", ".join(self.kind.suffixes)
            raise ValidationError(_("“%s” ends with none of %s.") % (name[-100:], told))
        return suffix

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        given = [name for name in ("file", "address") if told.get(name)]
        if len(given) != 1 and not self.errors:
            raise ValidationError(_("Choose a file, or type its address: one of the two."))
        if given:
            file = told.get("file")
            suffix = suffix_of(file.name if file else file_name(told["address"]))
            self.refuse_lacking(told, suffix)
        return told

    def refuse_lacking(self, told: dict[str, Any], suffix: str) -> None:
        for name, option in self.kind.options.items():
            if suffix in option.needed_by and not told.get(name) and name not in self.errors:
                self.add_error(name, _("A file of this format does not say it: choose one."))

    def options(self) -> dict[str, str]:
        """What was chosen beside the file, as text."""
        found = {name: self.cleaned_data.get(name) for name in self.kind.options}
        return {
            name: str(self.fields[name].prepare_value(value))
            for name, value in found.items()
            if value
        }
