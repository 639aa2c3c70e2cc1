"""A made-up business for lists: one store with the whole range, many with a tenth of it.

Names have common words and rare ones; sizes, colours, SKUs, prices and pricebooks are missing here
and there. Everything is filled by SQL over sets, past the ledger: these are rows to be read.
"""

import uuid

from django.db import connection, transaction

from benchmarks.sizes import Sizes
from omnichannel.accounts.models import User
from omnichannel.accounts.presets import sync_roles
from omnichannel.catalog.models import Product
from omnichannel.locations.models import FulfillmentLocation, LocationAccess

COMMON, RARE = "cashmere", "c4ca42"
# Shelf, its part of a store's lines in hundredths; what is in transit comes on top.
SHELVES = (("main", 66), ("returns", 25), ("damaged", 9), ("_in_transit", 1))
IN_SCOPE = (5, 13, 21, 29, 37)

PRODUCTS = """
INSERT INTO catalog_product
       (product_id, sku, name, name_key, size, color, variant_group, is_active)
SELECT 'P' || lpad(n::text, 8, '0'),
       CASE WHEN n %% 20 = 0 THEN '' ELSE 'SKU-' || left(md5(n::text), 10) END,
       name, lower(name),
       CASE WHEN n %% 1000 = 1 THEN '5XL' WHEN n %% 11 = 0 THEN ''
            ELSE (array['XS','S','M','L','XL','XXL','36','38','40','42'])[1 + n %% 10] END,
       CASE WHEN n %% 13 = 0 THEN ''
            ELSE (array['Black','White','Navy','Red','Green','Beige','Grey'])[1 + n / 10 %% 7] END,
       'G' || n / 12, n %% 50 <> 0
  FROM (SELECT n, concat_ws(' ',
          (array['Slim','Relaxed','Classic','Vintage','Modern','Cropped','Oversized','Organic'])
            [1 + n * 7 %% 8],
          (array['Denim','Cotton','Linen','Wool','Leather','Silk','Fleece','Nylon','Cashmere',
                 'Velvet','Corduroy'])[1 + n * 13 %% 11],
          (array['Jacket','Shirt','Trousers','Dress','Skirt','Sneaker','Belt','Scarf','Hat','Coat',
                 'Blazer','Hoodie','Parka'])[1 + n * 31 %% 13],
          left(md5(n::text), 6)) AS name
          FROM generate_series(1, %s) AS n) AS named
 ORDER BY n
"""
PRICEBOOKS = """
INSERT INTO catalog_pricebook (name, currency, note)
VALUES ('euro', 'EUR', ''), ('pound', 'GBP', ''), ('krona', 'SEK', '')
"""
PRICES = """
INSERT INTO catalog_price (pricebook_id, product_id, value)
SELECT book.id, product.id, (5 + product.id * 37 % 30000 / 100.0)::numeric(12, 2)
  FROM catalog_pricebook AS book, catalog_product AS product
 WHERE product.id % 30 <> book.id % 30
 ORDER BY 1, 2
"""
ERP = 40
# Every fortieth store's stock is the ERP's, every twentieth has no pricebook.
STORES = """
INSERT INTO locations_fulfillmentlocation
       (code, kind, store_id, name, name_key, city, country_code, time_zone, pricebook_id,
        is_inventory_master, is_enabled)
SELECT code, 'STORE', code, name, lower(name), '', country, 'Europe/Berlin',
       CASE WHEN n %% 20 = 7 THEN NULL
            ELSE (SELECT id FROM catalog_pricebook ORDER BY id OFFSET n %% 3 LIMIT 1) END,
       n %% 40 <> 8, true
  FROM (SELECT n, 'S-' || lpad(n::text, 4, '0') AS code, (array['DE','GB','SE','FR'])[1 + n %% 4],
               (array['Boston','Berlin','Austin','Lyon','Oslo','Madrid','Seattle'])[1 + n * 5 %% 7]
               || (array[' Mall ',' Flagship ',' Outlet ',' Centre '])[1 + n * 3 %% 4] || n
          FROM generate_series(%s, %s) AS n) AS made(n, code, country, name)
 ORDER BY n
"""
# The products of a store are a walk over the range in steps that meet none twice.
STOCK = """
INSERT INTO inventory_stockonhand (location_id, product_id, stock_location_id, quantity)
SELECT place.id, range.first + (line::bigint * 7919 + n * 104729 + shelf.id::bigint * 15485863) %% range.size,
       shelf.id, CASE WHEN line %% 97 = 0 THEN -(line %% 7) ELSE (line * 31 + n * 7) %% 40 END
  FROM locations_fulfillmentlocation AS place,
       LATERAL (SELECT substr(place.code, 3)::int AS n) AS numbered,
       unnest(%(shelves)s::text[], %(parts)s::int[]) AS wanted(name, part)
       JOIN locations_stocklocation AS shelf USING (name),
       (SELECT min(id) AS first, count(*) AS size FROM catalog_product) AS range,
       LATERAL generate_series(1, CASE WHEN n > 1 THEN range.size / 10 * part / 100
                                       WHEN shelf.name = 'main' THEN range.size
                                       ELSE range.size / 50 * part / 100 END) AS line
 WHERE place.code BETWEEN %(first)s AND %(last)s
"""
TABLES = (
    "catalog_product",
    "catalog_price",
    "locations_fulfillmentlocation",
    "inventory_stockonhand",
)


class NotEmpty(SystemExit):
    """Nobody's data is mixed with made-up rows."""


def code(number: int) -> str:
    return f"S-{number:04}"


def fill_range(sizes: Sizes) -> None:
    """Products and prices, in an empty database.

    Raises:
        NotEmpty: there are products already that were not made here.
    """
    if Product.objects.filter(product_id="P00000001").exists():
        return
    if Product.objects.exists() or FulfillmentLocation.objects.exists():
        raise NotEmpty("There is data in this database; benchmark an empty one.")
    with connection.cursor() as cursor:
        cursor.execute(PRODUCTS, [sizes.products])
        cursor.execute(PRICEBOOKS)
        cursor.execute(PRICES)


def fill_stock(sizes: Sizes, rows: int) -> None:
    """As many more stores as bring the stock that a list shows to `rows` at least."""
    fill_range(sizes)
    small = max(0, rows - sizes.products) // (sizes.products // 10)
    last = 1 + small + small // ERP + 1
    first = FulfillmentLocation.objects.count() + 1
    if last < first:
        return
    shelves, parts = zip(*SHELVES, strict=True)
    wanted = {
        "shelves": list(shelves),
        "parts": list(parts),
        "first": code(first),
        "last": code(last),
    }
    with transaction.atomic(), connection.cursor() as cursor:
        # Triggers of foreign keys would check each row; these rows are joined from the tables.
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(STORES, [first, last])
        cursor.execute(STOCK, wanted)
    settle(*TABLES)


def settle(*tables: str) -> None:
    """Statistics and visibility as autovacuum leaves them after a while."""
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"VACUUM (ANALYZE) {table}")


def visitor(*, is_scoped: bool) -> User:
    """Somebody with every page: of all stores, or of five of them only."""
    name = "of-five-stores" if is_scoped else "of-all-stores"
    found = User.objects.filter(username=name).first()
    if found:
        return found
    scope = User.Scope.OWN_STORES if is_scoped else User.Scope.ALL_STORES
    made = User(username=name, stock_scope=scope, document_scope=scope, associate_id=name)
    made.set_password(str(uuid.uuid4()))
    made.save()
    sync_roles()
    made.groups.add(*made.groups.model.objects.filter(name="Corporate Operations"))
    if is_scoped:
        places = FulfillmentLocation.objects.filter(code__in=[code(n) for n in IN_SCOPE])
        LocationAccess.objects.bulk_create(
            [LocationAccess(user=made, location=place) for place in places]
        )
    return made
