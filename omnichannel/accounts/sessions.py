"""Sessions in the database that end a fixed time after sign-in, however busy they are."""

import time
from datetime import UTC, datetime

from django.conf import settings
from django.contrib.sessions.backends import db
from django.contrib.sessions.base_session import AbstractBaseSession

BEGAN = "_began"


class SessionStore(db.SessionStore):
    """Every write would otherwise move the end another SESSION_COOKIE_AGE away."""

    def create_model_instance(self, data: dict) -> AbstractBaseSession:
        began = data.setdefault(BEGAN, time.time())
        session = super().create_model_instance(data)
        end = datetime.fromtimestamp(began + settings.SESSION_COOKIE_AGE, UTC)
        session.expire_date = min(session.expire_date, end)
        return session

    def cycle_key(self) -> None:
        """Called by sign-in: what a visitor did before it does not shorten his session."""
        self.pop(BEGAN, None)
        super().cycle_key()
