"""Where sign-in differs from the library's defaults."""

import segno
from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.http import HttpRequest


class ClosedSignup(DefaultAccountAdapter):
    """Accounts are made by an administrator, never by a visitor."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


class InlineCode(DefaultMFAAdapter):
    """The enrolment code as inline SVG: no data URI, so the content policy stays strict."""

    def build_totp_svg(self, url: str) -> str:
        return segno.make(url, error="m").svg_inline(scale=5, border=4, omitsize=False)
