"""What probes and Prometheus ask. None of it reads a session, and Redis is nobody's business."""

import hmac
import os
from collections.abc import Iterable
from functools import cache
from ipaddress import ip_address

from django.apps import apps
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.module_loading import import_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

# Named by string: this room lies below the ledger.
VERIFICATION = "inventory.LedgerVerification"


def plain(text: str, status: int = 200) -> HttpResponse:
    return HttpResponse(f"{text}\n", status=status, content_type="text/plain; charset=utf-8")


@never_cache
@require_safe
def livez(request: HttpRequest) -> HttpResponse:
    """The process answers; it touches nothing else."""
    return plain("ok")


@cache
def migrations_of_this_code() -> frozenset[tuple[str, str]]:
    """(app, migration) of every migration; read from disk once, a process runs one code."""
    return frozenset(MigrationLoader(None, ignore_no_migrations=True).graph.nodes)


def cause_of_unreadiness() -> str | None:
    """Why no page can be served now, or None: the database answers and holds every migration.

    Redis is left out on purpose: without it pages work and events wait (RELIABILITY rule 1).
    """
    try:
        applied = MigrationRecorder(connection).applied_migrations()
    except DatabaseError as error:
        return f"database: {error}".strip().splitlines()[0]
    waiting = sorted(migrations_of_this_code() - applied.keys())
    if waiting:
        return f"{len(waiting)} unapplied migrations, first {'.'.join(waiting[0])}"
    return None


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    cause = cause_of_unreadiness()
    return plain(cause, 503) if cause else plain("ok")


class LedgerHealth(Collector):
    """The newest proof of the ledger, read at the scrape, so that every web process agrees."""

    def collect(self) -> Iterable[Metric]:
        rows = apps.get_model(VERIFICATION).objects.order_by("-finished_at")
        try:
            newest = rows.values_list("finished_at", "differences").first()
        except DatabaseError:
            newest = None
        # Absent, not 0, without a proof: an alert on absence is an alert on no proof. The rest
        # of the page is what one wants to see when the database is gone.
        if newest is None:
            return
        finished_at, differences = newest
        yield GaugeMetricFamily(
            "omnichannel_ledger_differences",
            "Stock rows that the newest verification found different from their movements.",
            value=differences,
        )
        yield GaugeMetricFamily(
            "omnichannel_ledger_verification_age_seconds",
            "Seconds since the newest verification of the ledger finished.",
            value=(timezone.now() - finished_at).total_seconds(),
        )


def may_scrape(request: HttpRequest) -> bool:
    """A bearer of METRICS_TOKEN from anywhere, or this machine itself with no proxy between."""
    if settings.METRICS_TOKEN:
        told = request.META.get("HTTP_AUTHORIZATION", "").encode()
        if hmac.compare_digest(told, f"Bearer {settings.METRICS_TOKEN}".encode()):
            return True
    if "HTTP_X_FORWARDED_FOR" in request.META or "HTTP_FORWARDED" in request.META:
        return False
    try:
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus text of all web processes where PROMETHEUS_MULTIPROC_DIR is set, else of this one."""
    if not may_scrape(request):
        raise PermissionDenied
    pages = [generate_latest(process_registry()), generate_latest(state_registry())]
    return HttpResponse(b"".join(pages), content_type=CONTENT_TYPE_LATEST)


def process_registry() -> CollectorRegistry:
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return REGISTRY
    registry = CollectorRegistry()
    MultiProcessCollector(registry)
    return registry


def state_registry() -> CollectorRegistry:
    """What the database knows, the same for every process; rooms above this one are named by string."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(LedgerHealth())
    for name in settings.METRICS:
        registry.register(import_string(name)())
    return registry


for view in (livez, readyz, metrics):
    # Read by middleware that would otherwise look up who is asking.
    view.open_to_machines = True  # type: ignore[attr-defined]
