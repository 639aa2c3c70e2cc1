"""What refuses to start, and what beat starts."""

import subprocess
import sys
from pathlib import Path

import pytest
from celery import current_app
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

from omnichannel.accounts.tasks import forget_the_past
from omnichannel.keys import refuse_without_key


def test_the_key_of_tests_serves_nobody(settings):
    settings.SECRET_KEY = settings.NO_SECRET_KEY
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY is not set"):
        refuse_without_key()
    settings.SECRET_KEY = "x" * 50
    refuse_without_key()


def test_the_web_server_does_not_start_without_a_key(tmp_path: Path):
    ended = subprocess.run(
        [sys.executable, "-c", "import omnichannel.wsgi"],
        cwd=settings.BASE_DIR,
        env={"PATH": "/usr/bin:/bin", "VAR_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode != 0
    assert "SECRET_KEY is not set" in ended.stderr


def test_web_processes_send_to_the_projects_broker():
    assert current_app.main == "omnichannel"
    assert current_app.conf.broker_url == settings.CELERY_BROKER_URL


def test_every_task_of_beat_exists():
    current_app.loader.import_default_modules()
    for entry in settings.CELERY_BEAT_SCHEDULE.values():
        assert entry["task"] in current_app.tasks


@pytest.mark.django_db
def test_ended_sessions_are_forgotten_and_others_kept():
    now = timezone.now()
    Session.objects.create(session_key="ended", session_data="", expire_date=now)
    later = now + timezone.timedelta(hours=1)
    Session.objects.create(session_key="alive", session_data="", expire_date=later)
    forget_the_past()
    assert list(Session.objects.values_list("session_key", flat=True)) == ["alive"]
