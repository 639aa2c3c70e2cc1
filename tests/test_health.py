import os
import subprocess
import sys
from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.utils import timezone

from inventory.models import LedgerVerification
from tests.people import person, signed_in

pytestmark = pytest.mark.django_db


def verification(differences: int, minutes_ago: int) -> None:
    then = timezone.now() - timedelta(minutes=minutes_ago)
    LedgerVerification.objects.create(
        started_at=then, finished_at=then, movements=5, stock_rows=3, differences=differences
    )


def gauge(text: str, name: str) -> float:
    (line,) = [line for line in text.splitlines() if line.startswith(f"{name} ")]
    return float(line.split()[1])


def test_livez_touches_nothing_even_with_a_session(django_assert_num_queries):
    client = signed_in(person("anna"))
    with django_assert_num_queries(0):
        answer = client.get("/livez")
    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert "session" not in answer.cookies


def test_readyz_when_all_is_well():
    assert Client().get("/readyz").status_code == 200


def test_readyz_does_not_ask_redis(settings):
    settings.CELERY_BROKER_URL = settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert Client().get("/readyz").status_code == 200


def test_readyz_names_the_missing_migration():
    MigrationRecorder.Migration.objects.filter(app="inventory", name="0001_initial").delete()
    answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert b"1 unapplied migrations, first inventory.0001_initial" in answer.content


def test_readyz_says_that_the_database_is_gone(monkeypatch):
    def refuse(*args: object) -> None:
        raise OperationalError("connection refused\nIs the server running?")

    monkeypatch.setattr(MigrationRecorder, "applied_migrations", refuse)
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.content) == (503, b"database: connection refused\n")


def test_readyz_on_an_empty_database_answers_503():
    with connection.cursor() as cursor:
        cursor.execute("alter table django_migrations rename to gone")
    assert Client().get("/readyz").status_code == 503


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/metrics"])
def test_probes_are_read_only_and_not_cached(path):
    assert Client().post(path).status_code == 405
    assert "no-store" in Client().get(path).headers["Cache-Control"]


def test_metrics_show_the_newest_proof_of_the_ledger():
    verification(differences=7, minutes_ago=600)
    verification(differences=0, minutes_ago=10)
    text = Client().get("/metrics").content.decode()
    assert gauge(text, "omnichannel_ledger_differences") == 0
    assert 600 <= gauge(text, "omnichannel_ledger_verification_age_seconds") < 660
    assert "django_http_requests_before_middlewares_total" in text
    verification(differences=3, minutes_ago=0)
    text = Client().get("/metrics").content.decode()
    assert gauge(text, "omnichannel_ledger_differences") == 3


def test_metrics_survive_the_database(monkeypatch):
    monkeypatch.setattr(LedgerVerification.objects, "order_by", lambda *by: Broken())
    text = Client().get("/metrics").content.decode()
    assert "django_http_requests_before_middlewares_total" in text
    assert "omnichannel_ledger" not in text


class Broken:
    def values_list(self, *fields: str) -> None:
        raise OperationalError("gone")


def test_without_a_proof_the_gauges_are_absent_and_not_zero():
    assert "omnichannel_ledger" not in Client().get("/metrics").content.decode()


@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("127.0.0.1", {"HTTP_X_FORWARDED_FOR": "127.0.0.1"}, 403),
        ("127.0.0.1", {"HTTP_X_FORWARDED_FOR": ""}, 403),
        ("127.0.0.1", {"HTTP_FORWARDED": "for=127.0.0.1"}, 403),
        ("10.0.0.1", {}, 403),
        ("", {}, 403),
        ("10.0.0.1", {"HTTP_AUTHORIZATION": "Bearer scrape-me"}, 200),
        ("127.0.0.1", {"HTTP_X_FORWARDED_FOR": "x", "HTTP_AUTHORIZATION": "Bearer scrape-me"}, 200),
        ("10.0.0.1", {"HTTP_AUTHORIZATION": "Bearer scrape-me "}, 403),
        ("10.0.0.1", {"HTTP_AUTHORIZATION": "scrape-me"}, 403),
        ("10.0.0.1", {"HTTP_AUTHORIZATION": "Bearer "}, 403),
        ("10.0.0.1", {"HTTP_AUTHORIZATION": "Bearer sc\u00e9"}, 403),
    ],
)
def test_who_may_scrape(settings, address, headers, status):
    settings.METRICS_TOKEN = "scrape-me"
    assert Client(REMOTE_ADDR=address, **headers).get("/metrics").status_code == status


def test_no_token_set_means_no_token_works(settings):
    settings.METRICS_TOKEN = ""
    client = Client(REMOTE_ADDR="10.0.0.1", HTTP_AUTHORIZATION="Bearer ")
    assert client.get("/metrics").status_code == 403


def test_a_superuser_from_afar_may_not_scrape():
    boss = person("boss", is_superuser=True)
    assert signed_in(boss, REMOTE_ADDR="10.0.0.1").get("/metrics").status_code == 403


COUNT_REQUESTS = """
import sys
import django
django.setup()
from django.test import Client
client = Client()
for _ in range(int(sys.argv[1])):
    client.get("/livez")
print(client.get("/metrics").content.decode())
"""


def test_two_web_processes_show_one_sum(tmp_path):
    """As granian runs them: whichever process answers the scrape, it speaks for both."""
    env = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "omnichannel.settings",
        "PROMETHEUS_MULTIPROC_DIR": str(tmp_path),
        "DATABASE_URL": "postgresql://{USER}@/{NAME}?host={HOST}".format(
            **django_settings.DATABASES["default"]
        ),
    }

    def process(requests: int) -> str:
        command = [sys.executable, "-c", COUNT_REQUESTS, str(requests)]
        done = subprocess.run(command, env=env, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    process(3)
    name = "django_http_requests_before_middlewares_total"
    assert gauge(process(2), name) == 3 + 1 + 2 + 1
