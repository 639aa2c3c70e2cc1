"""The product's worker; FAULTS_LEASE in seconds makes leases as short as a test can wait for."""

import os

from celery.signals import worker_init

from omnichannel import celery

app = celery.app


@worker_init.connect
def shorten(**options: object) -> None:
    # Models are there only now.
    from omnichannel.eventstream import claiming, egress  # noqa: PLC0415

    if lease := float(os.environ.get("FAULTS_LEASE", "0")):
        claiming.LEASE_SECONDS = lease  # type: ignore[assignment]
        claiming.LAST_START = lease / 2  # type: ignore[assignment]
        egress.TOTAL_SECONDS = lease / 2  # type: ignore[assignment]
