"""The product's worker; FAULTS_LEASE in seconds makes leases as short as a test can wait for.

FAULTS_POOL is a control: all integrations share so many connections, as one pool of workers would.
"""

import os
from functools import partial
from importlib import import_module

import aiohttp
from celery.signals import worker_init

from omnichannel import celery

app = celery.app


@worker_init.connect
def change(**options: object) -> None:
    # Models are there only now.
    claiming, egress = (
        import_module(f"omnichannel.eventstream.{n}") for n in ("claiming", "egress")
    )
    if lease := float(os.environ.get("FAULTS_LEASE", "0")):
        claiming.LEASE_SECONDS = lease
        claiming.LAST_START = lease / 2
        egress.TOTAL_SECONDS = lease / 2
    if pool := int(os.environ.get("FAULTS_POOL", "0")):
        aiohttp.TCPConnector = partial(Pool, pool)  # type: ignore[misc,assignment]


class Pool(aiohttp.TCPConnector):
    def __init__(self, most: int, **options: object) -> None:
        super().__init__(**{**options, "limit": most})  # type: ignore[arg-type]
