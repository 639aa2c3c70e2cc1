"""One transaction per act, once per Idempotency-Key (RELIABILITY rules 3, 6, 7)."""

import hashlib
import random
import re
import time
import uuid
from collections.abc import Callable
from typing import Any

from django.db import OperationalError, connection, transaction
from django.http import HttpResponse
from django.http.response import HttpResponseBase

from .bearer import ApiRequest
from .errors import ApiError
from .models import IdempotencyKey

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
KEY = re.compile(r"[!-~](?:[ -~]{0,253}[!-~])?")
# SQLSTATE of acts that the database broke off so that another could go on.
BROKEN_OFF = {"40001", "40P01"}
TRIES = 4


def act(
    request: ApiRequest,
    run: Callable[[], HttpResponseBase],
    *,
    is_required: bool,
    is_kept: bool,
) -> HttpResponseBase:
    """The answer of `run`, whose writes and the answer itself are committed together.

    Raises:
        ApiError: no key where one is required, a key in use, a key of another request.
    """
    key = key_of(request, is_required)
    request.operation_key = operation_key(request, key)
    for number in range(1, TRIES + 1):
        try:
            with transaction.atomic(durable=True):
                return once(request, key, run, is_kept) if key else tried(run)
        except OperationalError as error:
            # Nothing of it was kept, so repeating it is safe with and without a key.
            if getattr(error.__cause__, "sqlstate", None) not in BROKEN_OFF:
                raise
            time.sleep(random.uniform(0.01, 0.05) * number)  # noqa: S311
    raise ApiError(
        503,
        "unavailable",
        "Too many calls write the same rows. Try again.",
        headers={"Retry-After": "1"},
    )


def tried(run: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    answer = run()
    if answer.status_code >= 400:
        transaction.set_rollback(True)
    return answer


def key_of(request: ApiRequest, is_required: bool) -> str:
    key = request.headers.get(HEADER, "").strip()
    if not key and is_required:
        raise ApiError(
            400, "invalid_data", f"This call needs the header {HEADER}, a text of your own choice."
        )
    if key and not KEY.fullmatch(key):
        raise ApiError(400, "invalid_data", f"{HEADER} has 1 to 255 printable characters of ASCII.")
    return key


def principal(request: ApiRequest) -> str:
    return f"user:{request.user.pk}"


def operation_key(request: ApiRequest, key: str) -> str:
    if not key:
        return f"api:{uuid.uuid4()}"
    named = f"{principal(request)}\n{key}".encode()
    return f"api:{hashlib.sha256(named).hexdigest()}"


def fingerprint(request: ApiRequest) -> str:
    asked = f"{request.method} {request.get_full_path()}\n".encode()
    return hashlib.sha256(asked + request.body).hexdigest()


def once(
    request: ApiRequest, key: str, run: Callable[[], HttpResponseBase], is_kept: bool
) -> HttpResponseBase:
    names = {"principal": principal(request), "key": key}
    if not take_lock(request.operation_key):
        raise ApiError(
            409,
            "idempotency_key_in_use",
            f"A call with this {HEADER} is still running. Try again.",
            headers={"Retry-After": "1"},
        )
    asked = fingerprint(request)
    if known := IdempotencyKey.objects.filter(**names).first():
        if known.fingerprint != asked:
            raise ApiError(
                422,
                "idempotency_key_reused",
                f"This {HEADER} was used for another request. Choose a new one.",
            )
        return replayed(known)
    answer: Any = tried(run)
    if answer.status_code < 400:
        IdempotencyKey.objects.create(
            **names,
            fingerprint=asked,
            status=answer.status_code,
            body=answer.content.decode(),
            location=answer.headers.get("Location", ""),
            is_kept=is_kept,
        )
    return answer


def take_lock(name: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [name])
        return cursor.fetchone()[0]


def replayed(known: IdempotencyKey) -> HttpResponse:
    answer = HttpResponse(known.body, status=known.status, content_type="application/json")
    answer.headers[REPLAYED] = "true"
    if known.location:
        answer.headers["Location"] = known.location
    return answer
