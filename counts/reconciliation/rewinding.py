"""The one statement: rewind the book by time to when each product was observed (DESIGN §6).

For a product, C is what its accepted sessions saw; F and T are its first and last observation,
or the first and last moment of the whole counting where it was found nowhere. Both are widened
by ε seconds, because clocks differ. Then, of all movements of the stock row:

    book = on hand − Σ of what happened after T          the book as it stood at T
    neg, pos = Σ of the negative, of the positive that happened between F and T
    low, high = C − book + neg, C − book + pos

A *claim* is a movement that says how many there are (a count's, "found", "missing"). One after T
may be about the very difference that this count found, or about another: it is not rewound, and
stands in neg or pos. A count's own adjustment claims what was there at that count's T.

No id and no moment of posting decides anything here. The moment of posting only bounds what is
read: nothing is posted before it happened.
"""

from ..queries import ACCEPTED, SESSIONS

MOVED = """
  SELECT m.product_id, m.quantity, coalesce(theirs.last_at, m.happened_at) AS happened_at,
         (t.type = 'COUNT_ADJUSTMENT' OR coalesce(reason.states_truth, false)) AS is_claim
    FROM inventory_stockmovement AS m
    JOIN inventory_inventorytransaction AS t ON t.id = m.transaction_id
    LEFT JOIN inventory_adjustmentreason AS reason ON reason.id = t.reason_id
    LEFT JOIN counts_count AS other ON other.transaction_id = t.id
    LEFT JOIN counts_countresult AS theirs
      ON theirs.count_id = other.id AND theirs.product_id = m.product_id
   WHERE m.location_id = %(location)s AND m.stock_location_id = %(shelf)s
     AND m.posted_at >= %(since)s AND {only_moved}
"""
STATEMENT = """
WITH session AS MATERIALIZED ({sessions}
), accepted AS ({accepted}
), seen AS (
  SELECT product_id, sum(quantity)::int AS counted, min(observed_at) AS first_at,
         max(observed_at) AS last_at
    FROM accepted GROUP BY product_id
), whole AS (
  SELECT coalesce(least(min(opened_at), min(first_at)), %(now)s) AS first_at,
         coalesce(greatest(max(completed_at), max(last_at)), %(now)s) AS last_at
    FROM session WHERE product_id IS NULL
), span AS (
  SELECT line.product_id, line.expected, line.is_listed, seen.counted,
         coalesce(seen.first_at, whole.first_at) AS first_at,
         coalesce(seen.last_at, whole.last_at) AS last_at,
         least(seen.first_at, whole.first_at) AS wide_first_at,
         greatest(seen.last_at, whole.last_at) AS wide_last_at
    FROM counts_countline AS line CROSS JOIN whole LEFT JOIN seen USING (product_id)
   WHERE line.count_id = %(count)s AND {only_line}
), moved AS ({moved}
), summed AS (
  SELECT product_id,
         sum(quantity) FILTER (WHERE happened_at > last_at + e AND NOT is_claim) AS after,
         sum(least(quantity, 0)) FILTER (WHERE {between}) AS neg,
         sum(greatest(quantity, 0)) FILTER (WHERE {between}) AS pos,
         sum(quantity) FILTER (WHERE happened_at > wide_last_at + e AND NOT is_claim)
           AS wide_after,
         sum(least(quantity, 0)) FILTER (WHERE {wide_between}) AS wide_neg,
         sum(greatest(quantity, 0)) FILTER (WHERE {wide_between}) AS wide_pos,
         sum(quantity) FILTER (WHERE happened_at > first_at) AS since_first
    FROM span JOIN moved USING (product_id),
         make_interval(secs => %(tolerance)s) AS clock(e)
   GROUP BY product_id
), rewound AS (
  SELECT span.*, coalesce(held.quantity, 0) AS on_hand,
         coalesce(held.quantity, 0) - coalesce(after, 0) AS book,
         coalesce(neg, 0) AS neg, coalesce(pos, 0) AS pos,
         coalesce(wide_neg, 0) AS wide_neg, coalesce(wide_pos, 0) AS wide_pos,
         coalesce(held.quantity, 0) - coalesce(wide_after, 0) AS wide_book,
         coalesce(since_first, 0) AS since_first
    FROM span LEFT JOIN summed USING (product_id)
    LEFT JOIN inventory_stockonhand AS held
      ON held.location_id = %(location)s AND held.stock_location_id = %(shelf)s
     AND held.product_id = span.product_id
), banded AS (
  SELECT product_id, is_listed, counted, on_hand, book, first_at, last_at,
         coalesce(expected, on_hand - since_first)::int AS expected,
         (coalesce(counted, 0) - book + neg)::int AS low,
         (coalesce(counted, 0) - book + pos)::int AS high,
         (coalesce(counted, 0) - wide_book + wide_neg)::int AS wide_low,
         (coalesce(counted, 0) - wide_book + wide_pos)::int AS wide_high,
         CASE WHEN counted IS NOT NULL AND (neg <> 0 OR pos <> 0) THEN 'AMBIGUOUS'
              WHEN wide_neg <> 0 OR wide_pos <> 0 OR neg <> 0 OR pos <> 0 THEN 'TRADED'
              ELSE 'CLEAR' END AS mark
    FROM rewound
), asked AS (
  SELECT *, least(greatest(0, low), high) AS proposal,
         CASE WHEN counted IS NULL AND NOT is_listed AND %(asks_unlisted)s THEN ''
              WHEN counted IS NULL AND book <> 0 THEN 'UNCOUNTED'
              WHEN mark = 'AMBIGUOUS' THEN 'AMBIGUOUS'
              WHEN NOT is_listed AND %(asks_unlisted)s THEN 'UNLISTED'
              ELSE '' END AS question
    FROM banded
), answered AS (
  SELECT asked.*, CASE WHEN question = '' THEN '' ELSE coalesce(answer.choice, '') END AS choice
    FROM asked LEFT JOIN counts_countanswer AS answer
      ON answer.count_id = %(count)s AND answer.product_id = asked.product_id
     AND answer.counted IS NOT DISTINCT FROM asked.counted
     AND (answer.low, answer.high) = (asked.low, asked.high)
), decided AS (
  SELECT answered.*, price.value AS price,
         CASE WHEN choice = 'LEAVE' OR (counted IS NULL AND question = '') THEN NULL
              WHEN choice = 'ALREADY_COUNTED' THEN low
              WHEN choice = 'NOT_YET_COUNTED' THEN high
              ELSE proposal END AS delta
    FROM answered LEFT JOIN catalog_price AS price
      ON price.pricebook_id = %(pricebook)s AND price.product_id = answered.product_id
)
"""
BETWEEN = "happened_at > {first} - e AND (happened_at <= {last} + e OR is_claim)"


def statement(*, some_products: bool) -> str:
    """The common part, up to `decided`; of `%(products)s` only if asked."""
    only = "{}.product_id = ANY(%(products)s)" if some_products else "true"
    return STATEMENT.format(
        sessions=SESSIONS,
        accepted=ACCEPTED.format(only_observed=only.format("o")),
        moved=MOVED.format(only_moved=only.format("m")),
        only_line=only.format("line"),
        between=BETWEEN.format(first="first_at", last="last_at"),
        wide_between=BETWEEN.format(first="wide_first_at", last="wide_last_at"),
    )
