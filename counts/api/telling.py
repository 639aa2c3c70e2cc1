"""Zones, recounts and lines as the API tells them."""

from typing import Any

from omnichannel.accounts.models import User
from omnichannel.catalog.models import Product

from .. import queries
from ..models import Count, CountResult, ZoneSession
from ..reconciliation import Line


def zone_list(count: Count) -> dict[str, Any]:
    return {
        "zones": [
            {
                "zone": zone.name,
                "planned": zone.is_planned,
                "status": zone.status.lower(),
                "associate_id": zone.associate_id,
                "counted_quantity": zone.units,
                "recount_requested": zone.is_recount_asked,
            }
            for zone in queries.zones(count)
        ]
    }


def recount_list(count: Count) -> dict[str, Any]:
    return {
        "recounts": [
            {
                "id": asked.uuid,
                "zone": asked.zone.name if asked.zone else None,
                "product_id": asked.product.product_id if asked.product else None,
                "requested_at": asked.requested_at,
            }
            for asked in queries.open_recounts(count)
        ]
    }


def session_body(session: ZoneSession, **more: Any) -> dict[str, Any]:
    return {
        "id": session.uuid,
        "zone": session.zone.name,
        "number": session.number,
        "status": session.status.lower(),
        "associate_id": session.associate_id,
        **more,
    }


def line_bodies(user: User, count: Count, lines: list[Line | CountResult]) -> list[dict[str, Any]]:
    """Live lines and results alike; without the book for who counts blind."""
    pks = [line.product_id for line in lines]
    names = dict(Product.objects.filter(pk__in=pks).values_list("pk", "product_id"))
    shown = queries.sees_book(user, count)
    return [line_body(names[line.product_id], line, shown) for line in lines]


def line_body(name: str, line: Line | CountResult, shown: bool) -> dict[str, Any]:
    if not shown:
        hidden = ("expected", "moved", "variance", "low", "high", "mark", "question", "answer")
        return {"product_id": name, "counted": line.counted, **dict.fromkeys(hidden)}
    return {
        "product_id": name,
        "counted": line.counted,
        "expected": line.expected,
        "moved": line.book - line.expected,
        "variance": line.delta,
        "low": line.low,
        "high": line.high,
        "mark": line.mark.lower(),
        "question": line.question.lower() or None,
        "answer": line.choice.lower() or None,
    }
