"""Every list page of the product, whatever room it lives in, and what it shows."""

import csv
import html
import io
import re

from django.urls import URLPattern, URLResolver, get_resolver

from omnichannel.web.lists import ListPage

S = "/store-operations/inventory"
LISTS = {
    "inventory:stock-on-hand": f"{S}/stock-on-hand/",
    "inventory:stock-as-of": f"{S}/stock-on-hand/as-of/",
    "inventory:audit-trail": f"{S}/stock-on-hand/DE-01/P-00/",
    "inventory:transactions": f"{S}/transactions/",
    "inventory:movements": f"{S}/movements/",
    "asn:list": f"{S}/asns/",
    "asn:in-transit": f"{S}/in-transit/",
    "transfers:list": f"{S}/transfer-orders/",
    "counts:list": f"{S}/count-tasks/",
    "inventory:reservations": f"{S}/reservations/",
    "fulfilment:mispicks": f"{S}/mispicks/",
    "fulfilment:stock-levels": "/catalog/stock-levels/",
    "inventory:products": "/catalog/products/",
    "imports:list": "/tools/imports/",
    "exports:list": "/tools/exports/",
    "locations:list": "/settings/locations/",
    "locations:shelves": "/settings/stock-locations/",
    "locations:returns": "/settings/return-conditions/",
    "inventory:reasons": "/settings/adjustment-reasons/",
    "eventstream:integrations": "/tools/event-stream/",
    "eventstream:events": "/tools/event-stream/events/",
    "eventstream:attempts": "/tools/event-stream/attempts/",
    "eventstream:rejected": "/tools/event-stream/rejected/",
    "eventstream:log": "/tools/event-stream/log/",
}
GATED = {
    "inventory:stock-on-hand",
    "inventory:stock-as-of",
    "inventory:transactions",
    "inventory:movements",
    "asn:list",
}


def list_pages(patterns, namespace=""):
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from list_pages(pattern.url_patterns, inner)
        elif isinstance(pattern, URLPattern):
            view = getattr(pattern.callback, "view_class", None)
            if view and issubclass(view, ListPage):
                yield f"{namespace}{pattern.name}", view


VIEWS = dict(list_pages(get_resolver().url_patterns))
SORTS = [
    (name, column)
    for name, view in VIEWS.items()
    for column, declared in view.table.base_columns.items()
    if declared.orderable
]
# What narrows a list so that every sort is offered.
BOTH = "store=DE-01&store=JP-01"
NARROW = dict.fromkeys(
    (
        "inventory:stock-on-hand",
        "inventory:stock-as-of",
        "asn:list",
        "asn:in-transit",
        "transfers:list",
        "counts:list",
        "fulfilment:stock-levels",
    ),
    BOTH,
)


def rows_of(response) -> list[str]:
    body = response.content.decode()
    return re.findall(r'<tr role="row"><td.*?</tr>', body, re.S)


def link(response, rel: str) -> str | None:
    found = re.search(rf'rel="{rel}" href="([^"]+)"', response.content.decode())
    return html.unescape(found[1]) if found else None


def exported(client, url) -> list[dict[str, str]]:
    response = client.get(url)
    assert response.status_code == 200, response.content[:300]
    text = b"".join(response.streaming_content).decode()
    return list(csv.DictReader(io.StringIO(text)))
