"""Rows of a file against the stock that is here: the difference, posted once (DESIGN §4)."""

from collections import defaultdict
from collections.abc import Iterator
from hashlib import blake2b
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from inventory import ledger
from inventory.models import InventoryTransaction
from omnichannel.imports.models import Import
from omnichannel.imports.rows import BadFile, Item
from omnichannel.imports.staging import Effect, RowTable, Staged, checked_blocks
from omnichannel.jobs.progress import Progress
from omnichannel.locations.models import StockLocation

from . import facts, nodes, placing, warning
from .heads import ATP, Head
from .reading import check

LOCK = 7_406_015
LONGEST_REFERENCE = 256
# Units that the other system has promised already lie here all the same (CONTRACT §4.3, `atp`).
ON_HAND = """
t.quantity + CASE WHEN %(is_atp)s THEN coalesce(level.allocated, 0) ELSE 0 END
"""
DIFF = f"""
CREATE TEMPORARY TABLE diff AS
SELECT row, location, product, id, future_quantity, future_date, is_changed, comes, clears,
       CASE WHEN is_changed THEN on_hand - was END AS change
  FROM (
    SELECT t.row, t.location, t.product, t.future_quantity, t.future_date,
           coalesce(held.product_id, level.product_id) AS id,
           {ON_HAND} AS on_hand, coalesce(held.quantity, 0) AS was,
           t.quantity IS NOT NULL
           AND (held.product_id IS NULL OR held.quantity <> {ON_HAND}) AS is_changed,
           t.future_quantity IS NOT NULL
           AND (level.future_quantity, level.future_date)
               IS DISTINCT FROM (t.future_quantity, t.future_date) AS comes,
           t.quantity IS NOT NULL AND level.mispicked_at IS NOT NULL AS clears
      FROM placed t
      LEFT JOIN inventory_stockonhand held
        ON held.location_id = t.location AND held.product_id = t.product
       AND held.stock_location_id = %(main)s
      LEFT JOIN fulfilment_stocklevel level
        ON level.location_id = t.location AND level.product_id = t.product
     WHERE t.chunk = %(chunk)s
  ) AS compared
 WHERE is_changed OR comes OR clears
"""
# A chunk is a small part of all stock: it is looked up, whatever the statistics say of the table.
LOOK_UP = "SET LOCAL enable_hashjoin = {0}; SET LOCAL enable_mergejoin = {0}"
LINES = """
SELECT product, abs(change), CASE WHEN change < 0 THEN %(main)s::smallint END,
       CASE WHEN change >= 0 THEN %(main)s::smallint END
  FROM diff WHERE location = %(location)s AND is_changed
"""
TABLE = RowTable(
    columns="", key=("product_id", "node"), check=check, diff="", writes=(), clean="", lock=LOCK
)


def file_key(name: str) -> str:
    """A file of the import, as part of an operation key: its name may be long, and anybody's text."""
    return blake2b(name.encode(errors="replace"), digest_size=8).hexdigest()


class StockRows:
    """The writer (`omnichannel.imports.kinds.Writer`) of one file of stock.

    A row says what lies in the salable stock location; the ledger is told the difference, in one
    transaction of type Stock Import for each location and chunk.
    """

    target = ""

    def __init__(self, import_: Import, name: str, head: Head) -> None:
        """
        Raises:
            BadFile: the file's locations are not those of this installation.
        """
        self.import_, self.name, self.head = import_, name, head
        self.new = nodes.new_nodes(head.nodes, import_.owner)
        self.main_id = StockLocation.objects.values_list("pk", flat=True).get(
            name=StockLocation.MAIN
        )
        self.key = f"import/{import_.uuid}/"
        self.locations: dict[int, list[int]] | None = None

    def stage(self, items: Iterator[Item], progress: Progress) -> Staged:
        staged = Staged.nothing()
        placing.drop_tables()
        with connection.cursor() as cursor:
            cursor.execute(placing.RAW)
            with cursor.cursor.copy("COPY staged FROM STDIN") as copy:
                for block in checked_blocks(TABLE, items, staged, progress):
                    copy.write(block)
        nodes.list_nodes(self.new, self.import_.owner)
        placing.place(staged, main_id=self.main_id, key=self.key, as_of=self.head.as_of)
        warning.warn(staged)
        return staged

    def compare(self, chunk: int) -> Effect:
        """Put the rows that are new or different into the table `diff`."""
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS diff")
            told = {"chunk": chunk, "main": self.main_id, "is_atp": self.head.mode == ATP}
            cursor.execute(LOOK_UP.format("off"))
            cursor.execute(DIFF, told)
            cursor.execute(LOOK_UP.format("on"))
            cursor.execute(f"{placing.FRUGAL}; ANALYZE diff")
            cursor.execute("SELECT count(*) FILTER (WHERE id IS NULL), count(id) FROM diff")
            return Effect(*cursor.fetchone())

    def write(self, chunk: int) -> Effect:
        """
        Raises:
            BadFile: a location of the chunk was switched to us since the file was read.
        """
        self.take_turn()
        if self.new:
            nodes.create_nodes(self.new)
            self.new = {}
        self.refuse_ours(chunk)
        facts.lock(chunk)
        effect = self.compare(chunk)
        facts.note(chunk)
        written = facts.write() if effect.created + effect.updated else 0
        for location_id, number in self.places():
            self.post(chunk, location_id)
            written += number
        return effect._replace(written=written)

    def take_turn(self) -> None:
        """Two imports would lock stock in different orders: one waits for the other."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])

    def refuse_ours(self, chunk: int) -> None:
        """The switch locks the location's row: until this transaction ends, nobody switches it."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT code, is_inventory_master FROM locations_fulfillmentlocation"
                " WHERE id = ANY(%s) ORDER BY id FOR SHARE",
                [self.named()[chunk]],
            )
            ours = [code for code, is_ours in cursor.fetchall() if is_ours]
        if ours:
            raise BadFile(
                _("The stock of %s was taken over while the file was read; leave it out.")
                % ", ".join(ours)[:200]
            )

    def named(self) -> dict[int, list[int]]:
        """Locations by chunk, read once all of them are here."""
        if self.locations is None:
            self.locations = defaultdict(list)
            with connection.cursor() as cursor:
                cursor.execute("SELECT chunk, location FROM placed GROUP BY 1, 2")
                for chunk, location in cursor.fetchall():
                    self.locations[chunk].append(location)
        return self.locations

    def places(self) -> list[tuple[int, int]]:
        """Locations whose stock moves, and how many rows of it."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT location, count(*) FROM diff WHERE is_changed GROUP BY 1 ORDER BY 1"
            )
            return cursor.fetchall()

    def post(self, chunk: int, location_id: int) -> None:
        owner = self.import_.owner
        header = ledger.Header(
            operation_key=f"{self.key}{file_key(self.name)}/{chunk}/{location_id}",
            type=InventoryTransaction.Type.STOCK_IMPORT,
            location_id=location_id,
            to_stock_location_id=self.main_id,
            associate_id=owner.get_username() if owner else "",
            by_id=owner.pk if owner else None,
            reference=str(self.import_)[:LONGEST_REFERENCE],
            happened_at=self.head.as_of,
        )
        values: dict[str, Any] = {"main": self.main_id, "location": location_id}
        ledger.post_rows(header, LINES, values, tells_movements=False)

    def remember(self) -> None:
        """Nothing: no import of stock is full (CONTRACT §4.3)."""

    def clean(self) -> None:
        """As `remember`."""
