"""Files of an import, and an import run to its end without a worker."""

import io
import json
import zipfile
from contextlib import suppress
from typing import Any

from django.db import transaction

from omnichannel.documents import ActionError
from omnichannel.imports import actions, pieces, running, tasks  # noqa: F401 — registers the runner
from omnichannel.imports.models import Import
from omnichannel.jobs.progress import Silent
from omnichannel.jobs.runners import work


def product(product_id: str, title: str = "A name", **fields: Any) -> dict[str, Any]:
    return {"product_id": product_id, "variant_group_id": "G", "title": title, **fields}


def products(*items: Any, **head: Any) -> bytes:
    return json.dumps({"head": {"catalog": "c", "locale": "en", **head}, "items": items}).encode()


def prices(*items: Any, **head: Any) -> bytes:
    told = {"pricebook": "EUR", "currency": "EUR", **head}
    return json.dumps({"head": told, "items": items}).encode()


def zipped(**members: bytes) -> bytes:
    """`products=…` becomes the member products.json."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name if "." in name else f"{name}.json", data)
    return buffer.getvalue()


def imported(file: bytes, *entities: str, **fields: Any) -> Import:
    """Over the API, with the file as if it had been fetched; run to its end, refused or not."""
    import_ = prepared(file, *entities, **fields)
    with suppress(ActionError):
        running.run(import_.pk, Silent())
    import_.refresh_from_db()
    return import_


def prepared(file: bytes, *entities: str, **fields: Any) -> Import:
    given = {"entities": list(entities or ("products",)), "state": "WAITING", **fields}
    import_ = Import.objects.create(origin="API", **given)
    pieces.keep(import_, io.BytesIO(file))
    return import_


def uploaded(data: bytes, entity: str = "products", name: str = "", **options: str) -> Import:
    """From the browser: checked, and nothing written."""
    with transaction.atomic():
        import_ = actions.upload(
            entity=entity,
            name=name or f"{entity}.json",
            stream=io.BytesIO(data),
            options=options,
            by=None,
        )
    work()
    import_.refresh_from_db()
    return import_
