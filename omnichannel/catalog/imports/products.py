"""Products (CONTRACT §4.3): what is kept of a row, and how it changes the catalogue.

A field that the file does not tell stays as it is; one that it tells empty becomes empty.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from omnichannel.imports.applying import Rows
from omnichannel.imports.archive import MB, Source
from omnichannel.imports.kinds import Kind
from omnichannel.imports.models import Import
from omnichannel.imports.reading import JSON, csv_of
from omnichannel.imports.rows import BadRow, Ignored, checked, copied, required, text, yes_or_no
from omnichannel.imports.staging import RowTable
from omnichannel.sorting import sort_key

from .heads import check_head

KEPT = {
    "product_id",
    "variant_group_id",
    "sku",
    "title",
    "is_active",
    "external_identifiers",
    "extended_attributes",
    "variation_color_value",
    "variation_size_value",
}
# Extended attributes for which the catalogue has a column, where no variation tells it.
ATTRIBUTES = {"color": "variation_color_value", "size": "variation_size_value"}
IDENTIFIER_COLUMN = "identifier_"
MOST_IDENTIFIERS = 50
NAME_KEY_LENGTH = 600

COLUMNS_OF_A_CSV = (
    "product_id",
    "variant_group_id",
    "sku",
    "title",
    "variation_color_value",
    "variation_size_value",
    "is_active",
)
STAGED = """
product_id text COLLATE "C", variant_group text, sku text, name text,
name_key text, size text, color text, is_active boolean, identifiers jsonb, id_key text
"""
COLUMNS = "sku, name, name_key, size, color, variant_group, is_active"
OLD = ", ".join(f"p.{column}" for column in COLUMNS.split(", "))
NEW = ", ".join(
    f"s.{column}" if column == "variant_group" else f"coalesce(s.{column}, p.{column})"
    for column in COLUMNS.split(", ")
)
IDENTIFIERS = """
coalesce((SELECT jsonb_agg(jsonb_build_array(i.type, i.value)
                           ORDER BY i.type COLLATE "C", i.value COLLATE "C")
            FROM catalog_productidentifier i WHERE i.product_id = p.id), '[]')
"""
DIFF = f"""
SELECT row, id, is_changed, has_new_identifiers FROM (
  SELECT s.row, p.id, p.id IS NOT NULL AND ({OLD}) IS DISTINCT FROM ({NEW}) AS is_changed,
         s.identifiers IS NOT NULL
         AND CASE WHEN p.id IS NULL THEN s.identifiers <> '[]' ELSE s.identifiers <> {IDENTIFIERS} END
         AS has_new_identifiers
    FROM staged s LEFT JOIN catalog_product p ON p.product_id = s.product_id
   WHERE s.chunk = %(chunk)s
) AS found WHERE id IS NULL OR is_changed OR has_new_identifiers
"""
UPDATE = f"""
UPDATE catalog_product p SET ({COLUMNS}) = ROW ({NEW})
  FROM diff d JOIN staged s ON s.row = d.row WHERE p.id = d.id AND d.is_changed
"""
INSERT = f"""
INSERT INTO catalog_product (product_id, {COLUMNS})
SELECT s.product_id, coalesce(s.sku, ''), coalesce(s.name, s.product_id),
       coalesce(s.name_key, s.id_key), coalesce(s.size, ''),
       coalesce(s.color, ''), s.variant_group, coalesce(s.is_active, true)
  FROM diff d JOIN staged s ON s.row = d.row WHERE d.id IS NULL ORDER BY s.product_id
ON CONFLICT (product_id) DO NOTHING
"""
FORGET_IDENTIFIERS = """
DELETE FROM catalog_productidentifier i USING diff d JOIN staged s ON s.row = d.row
 WHERE i.product_id = d.id AND d.has_new_identifiers
   AND NOT s.identifiers @> jsonb_build_array(jsonb_build_array(i.type, i.value))
"""
ADD_IDENTIFIERS = """
INSERT INTO catalog_productidentifier (product_id, type, value)
SELECT p.id, told ->> 0, told ->> 1
  FROM diff d JOIN staged s ON s.row = d.row JOIN catalog_product p ON p.product_id = s.product_id
 CROSS JOIN jsonb_array_elements(s.identifiers) AS told
 WHERE d.has_new_identifiers ORDER BY p.id
ON CONFLICT DO NOTHING
"""
# A full import: what the file does not name is sold no more. It is never deleted: the ledger names it.
CLEAN = """
UPDATE catalog_product p SET is_active = false
 WHERE p.is_active AND NOT EXISTS (SELECT FROM told t WHERE t.product_id = p.product_id)
"""


def check(fields: Mapping[str, Any], ignored: Ignored) -> str:
    """The cells of the row as COPY reads them; what is left out is counted.

    Raises:
        BadRow
    """
    product_id = required(fields, "product_id", 256)
    group = required(fields, "variant_group_id", 256)
    for name in fields:
        if name not in KEPT and not name.startswith(IDENTIFIER_COLUMN):
            ignored[name] += 1
    variation = attributes(fields, ignored)
    identifiers = identifiers_of(fields)
    sku = text(fields, "sku", 256)
    if sku is None and identifiers is not None:
        sku = next((value for kind, value in identifiers if kind.lower() == "sku"), None)
    # An empty title is none: a product is always called something.
    title = text(fields, "title", 512) or None
    active = yes_or_no(fields, "is_active")
    cells = (
        product_id,
        group,
        sku,
        title,
        title and sort_key(title)[:NAME_KEY_LENGTH],
        text(variation, "variation_size_value", 64),
        text(variation, "variation_color_value", 64),
        None if active is None else "tf"[not active],
        None if identifiers is None else json.dumps(identifiers, ensure_ascii=False),
        None if title else sort_key(product_id)[:NAME_KEY_LENGTH],
    )
    return "\t".join([copied(cell) for cell in cells])


def attributes(fields: Mapping[str, Any], ignored: Ignored) -> Mapping[str, Any]:
    """The fields, with the variations that only extended attributes tell."""
    told = fields.get("extended_attributes")
    if not told:
        return fields
    found = dict(fields)
    for name, value in pairs(told, "extended_attributes", "name"):
        column = ATTRIBUTES.get(name)
        if column is None:
            ignored[f"extended_attributes.{name[:64]}"] += 1
        elif not fields.get(column):
            found[column] = value
    return found


def identifiers_of(fields: Mapping[str, Any]) -> list[list[str]] | None:
    """[type, value] in order, each once; None where the file does not tell them.

    Raises:
        BadRow
    """
    told = fields.get("external_identifiers")
    columns = [name for name in fields if name.startswith(IDENTIFIER_COLUMN)]
    if told is None and not columns:
        return None
    if told is None:
        given = [(name.removeprefix(IDENTIFIER_COLUMN), fields[name] or "") for name in columns]
        given = [(kind, value) for kind, value in given if value.strip()]
    else:
        given = list(pairs(told, "external_identifiers", "type"))
    if len(given) > MOST_IDENTIFIERS:
        raise BadRow(
            _("%(count)d identifiers are told, at most %(most)d fit.")
            % {"count": len(given), "most": MOST_IDENTIFIERS},
            _("Leave out those that nobody scans."),
            "external_identifiers",
        )
    known = set()
    for kind, value in given:
        if not isinstance(value, str) or not kind.strip() or not value.strip():
            raise BadRow(
                _("An identifier is empty or no text."),
                _("Write type and value."),
                "external_identifiers",
            )
        known.add(
            (
                checked(kind.strip(), _("The identifier's type"), 32),
                checked(value.strip(), kind, 256),
            )
        )
    return [list(pair) for pair in sorted(known)]


def pairs(told: Any, field: str, name: str) -> Iterator[tuple[str, Any]]:
    """(name, value) of a list of objects.

    Raises:
        BadRow: it is something else.
    """
    if not isinstance(told, list):
        raise BadRow(_("%s is no list.") % field, _('Write [{"%s": …, "value": …}].') % name, field)
    for each in told:
        if not isinstance(each, dict) or not isinstance(each.get(name), str):
            raise BadRow(
                _("An entry of %s has no text as its %s.") % (field, name),
                _('Write {"%s": …, "value": …}.') % name,
                field,
            )
        yield each[name], each.get("value")


TABLE = RowTable(
    columns=STAGED,
    key=("product_id",),
    check=check,
    diff=DIFF,
    writes=(UPDATE, INSERT, FORGET_IDENTIFIERS, ADD_IDENTIFIERS),
    clean=CLEAN,
    lock=7_406_011,
)


def writer(import_: Import, source: Source, head: Mapping[str, Any]) -> Rows:
    check_head(source, head)
    return Rows(TABLE)


PRODUCTS = Kind(
    name="products",
    label=gettext_lazy("Products"),
    # What it adds and what it changes: neither right alone is enough.
    permissions=("catalog.add_product", "catalog.change_product"),
    formats={".json": JSON, ".csv": csv_of(COLUMNS_OF_A_CSV, prefix=IDENTIFIER_COLUMN)},
    writer=writer,
    is_of_the_contract=True,
    most_bytes=240 * MB,
    most_open=10,
)
