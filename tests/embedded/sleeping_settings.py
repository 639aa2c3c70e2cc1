"""The product's settings, and a task that takes its time; only the runs of these tests use it."""

from omnichannel.settings import *  # noqa: F403

CELERY_IMPORTS = ["tests.embedded.sleeping"]
