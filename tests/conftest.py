"""What makes the tests quick, and nothing else."""

import pytest
from django.conf import settings
from django.test import TransactionTestCase
from hypothesis import HealthCheck
from hypothesis import settings as drawn

from omnichannel.accounts.presets import sync_roles

from .emptying import remember, teardown

# How long an example takes says something about the machine only.
drawn.register_profile("calm", deadline=None, suppress_health_check=[HealthCheck.too_slow])
drawn.load_profile("calm")


def pytest_configure() -> None:
    # A quarter of a second for a password is its point, but not that of a test.
    settings.PASSWORD_HASHERS.insert(0, "django.contrib.auth.hashers.MD5PasswordHasher")
    TransactionTestCase._fixture_teardown = teardown


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: pytest.Item) -> None:
    with django_db_blocker.unblock():
        # Once: for every person of every test it was a quarter of the suite.
        sync_roles()
        remember()
