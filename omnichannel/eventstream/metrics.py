"""What Prometheus is told of the stream: an alert on this is an alert on an ERP that hears nothing."""

from collections.abc import Iterable

from django.db import DatabaseError
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from .queries import seconds_due


class StreamHealth(Collector):
    """How long the oldest event of each running integration has been due, in seconds."""

    def collect(self) -> Iterable[Metric]:
        age = GaugeMetricFamily(
            "omnichannel_eventstream_oldest_due_seconds",
            "Seconds since the oldest event that waits for a running integration was due.",
            labels=["integration"],
        )
        try:
            late = seconds_due()
        except DatabaseError:
            return
        for name, seconds in late.items():
            age.add_metric([name], seconds)
        yield age
