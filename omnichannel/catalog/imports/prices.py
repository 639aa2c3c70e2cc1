"""A row of a prices file (CONTRACT §4.3): one product's price in the pricebook of the file."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from .rows import Ignored, amount, copied, required

MOST = Decimal("9999999999.99")
KEPT = {"product_id", "value"}

STAGED = 'row int, chunk int, product_id text COLLATE "C", value numeric(12, 2)'
DIFF = """
SELECT s.row, b.product_id AS id, p.id AS product, b.product_id IS NOT NULL AS is_changed
  FROM staged s JOIN catalog_product p ON p.product_id = s.product_id
  LEFT JOIN catalog_price b ON b.product_id = p.id AND b.pricebook_id = %(pricebook)s
 WHERE s.chunk BETWEEN %(first)s AND %(last)s AND b.value IS DISTINCT FROM s.value
"""
UPDATE = """
UPDATE catalog_price b SET value = s.value FROM diff d JOIN staged s ON s.row = d.row
 WHERE b.pricebook_id = %(pricebook)s AND b.product_id = d.id AND d.is_changed
"""
INSERT = """
INSERT INTO catalog_price (pricebook_id, product_id, value)
SELECT %(pricebook)s, d.product, s.value FROM diff d JOIN staged s ON s.row = d.row
 WHERE d.id IS NULL ORDER BY d.product
ON CONFLICT (pricebook_id, product_id) DO NOTHING
"""
WRITES = (UPDATE, INSERT)
# A full import: what the file does not name has no price in this pricebook any more.
CLEAN = """
DELETE FROM catalog_price b USING catalog_product p
 WHERE b.pricebook_id = %(pricebook)s AND p.id = b.product_id
   AND NOT EXISTS (SELECT FROM staged s WHERE s.product_id = p.product_id)
"""
UNKNOWN = """
DELETE FROM staged s WHERE NOT EXISTS (SELECT FROM catalog_product p WHERE p.product_id = s.product_id)
RETURNING row, chunk, product_id
"""


def check(fields: Mapping[str, Any], ignored: Ignored) -> tuple[str, str]:
    """As `products.check`."""
    product_id = required(fields, "product_id", 256)
    for name in fields:
        if name not in KEPT:
            ignored[name] += 1
    value = amount(fields, "value", MOST)
    return product_id, f"{copied(product_id)}\t{value:f}"
