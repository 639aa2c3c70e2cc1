"""What makes the tests quick, and nothing else."""

from django.conf import settings
from django.test import TransactionTestCase

from .emptying import teardown


def pytest_configure() -> None:
    # A quarter of a second for a password is its point, but not that of a test.
    settings.PASSWORD_HASHERS.insert(0, "django.contrib.auth.hashers.MD5PasswordHasher")
    TransactionTestCase._fixture_teardown = teardown
