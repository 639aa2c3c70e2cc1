"""Completed counts to the event stream, at most 500 products in one event (CONTRACT §3.3)."""

from collections.abc import Iterator
from json import loads

from django.db import connection

from omnichannel.eventstream import outbox

from .. import events
from ..models import Count, CountResult

# Of several identifiers of one kind the first; the SKU is the product's own.
ITEMS = """
SELECT result.product_id, product.product_id, result.book, coalesce(result.counted, 0),
       result.delta, coalesce(named.identifiers, '{}'::jsonb)
         || CASE WHEN product.sku <> '' THEN jsonb_build_object('sku', product.sku)
                 ELSE '{}'::jsonb END
  FROM counts_countresult AS result
  JOIN catalog_product AS product ON product.id = result.product_id
  LEFT JOIN LATERAL (
    SELECT jsonb_object_agg(lower(i.type), i.value ORDER BY i.id DESC) AS identifiers
      FROM catalog_productidentifier AS i WHERE i.product_id = product.id) AS named ON true
 WHERE result.count_id = %s AND result.product_id > %s AND result.delta IS NOT NULL
 ORDER BY result.product_id LIMIT %s
"""


def tell_items_counted(count: Count) -> None:
    """One event per chunk, the last one numbered as the total: what listeners wait for."""
    posted = CountResult.objects.filter(count=count, delta__isnull=False).count()
    total = max(1, -(-posted // outbox.CHUNK))
    for number, items in enumerate(chunks(count, total), start=1):
        payload = events.items_counted(count, number, total, items)
        outbox.publish(events.ITEMS_COUNTED, payload, entity_id=str(count.uuid))


def chunks(count: Count, total: int) -> Iterator[list[events.Item]]:
    """As many lists as told, in the order of products."""
    last = 0
    for _number in range(total):
        with connection.cursor() as cursor:
            cursor.execute(ITEMS, [count.pk, last, outbox.CHUNK])
            rows = cursor.fetchall()
        last = rows[-1][0] if rows else last
        # One text for all of them: a fifth of the time that one text each takes to read.
        identifiers = loads(f"[{','.join(row[5] for row in rows)}]")
        yield [
            events.Item(row[1], row[2], row[3], row[4], named)
            for row, named in zip(rows, identifiers, strict=True)
        ]
