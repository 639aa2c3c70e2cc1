"""The product's worker; FAULTS_LEASE in seconds makes leases as short as a test can wait for."""

import os
from importlib import import_module

from celery.signals import worker_init

from omnichannel import celery

app = celery.app


@worker_init.connect
def shorten(**options: object) -> None:
    # Models are there only now.
    claiming, egress = (
        import_module(f"omnichannel.eventstream.{n}") for n in ("claiming", "egress")
    )
    if lease := float(os.environ.get("FAULTS_LEASE", "0")):
        claiming.LEASE_SECONDS = lease
        claiming.LAST_START = lease / 2
        egress.TOTAL_SECONDS = lease / 2
