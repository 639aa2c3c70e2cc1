"""The second factor is guessed at no more often than the password."""

from allauth.core import context
from allauth.mfa.base import forms as mfa
from axes.handlers.proxy import AxesProxyHandler
from django import forms
from django.contrib.auth.models import AbstractBaseUser
from django.utils.translation import gettext as _


class CountedCode(forms.Form):
    """Wrong codes count as failed sign-ins, in the database, for every web process alike."""

    user: AbstractBaseUser

    def clean_code(self) -> str:
        request = context.request
        credentials = {"username": self.user.get_username()}
        if not AxesProxyHandler.is_allowed(request, credentials):
            request.axes_locked_out = True
            request.axes_credentials = credentials
            raise forms.ValidationError(_("Too many failed attempts."))
        try:
            return super().clean_code()  # type: ignore[misc]
        except forms.ValidationError:
            AxesProxyHandler.user_login_failed(type(self), credentials, request)
            raise


class AuthenticateForm(CountedCode, mfa.AuthenticateForm):
    pass


class ReauthenticateForm(CountedCode, mfa.ReauthenticateForm):
    pass
