"""What must be true of notices, for the nightly proof: rules as `inventory.ledger` reads them."""

# Each rule selects (where, expected, found) of the rows that break it.
RULES = {
    "every unit of a line is in one place": """
      SELECT concat_ws(' ', 'asn', asn_id, 'line', id),
             expected - never_shipped + over_received,
             received + received_elsewhere + in_transit + lost + damaged + returned
        FROM asn_asnline
       WHERE expected - never_shipped + over_received
          <> received + received_elsewhere + in_transit + lost + damaged + returned
          OR least(in_transit, received, over_received, received_elsewhere, never_shipped, lost,
                   damaged, returned) < 0""",
    "an ASN's totals are those of its lines": """
      SELECT concat_ws(' ', 'asn', asn.id), summed.received, asn.received_total
        FROM asn_asn AS asn
        LEFT JOIN (SELECT asn_id, sum(received) AS received, sum(in_transit) AS in_transit,
                          sum(expected) AS expected,
                          count(DISTINCT product_id) FILTER (WHERE received > 0) AS products
                     FROM asn_asnline GROUP BY asn_id) AS summed ON summed.asn_id = asn.id
       WHERE (asn.received_total, asn.in_transit_total, asn.expected_total, asn.received_products)
             IS DISTINCT FROM
             (summed.received, summed.in_transit, summed.expected, summed.products)""",
    "an open ASN lacks something, and says how far it is": """
      SELECT concat_ws(' ', 'asn', id, status), in_transit_total, received_total
        FROM asn_asn
       WHERE status <> CASE WHEN closed_at IS NOT NULL THEN 'CLOSED'
                            WHEN received_total > 0 THEN 'PARTIALLY_RECEIVED' ELSE 'OPEN' END""",
    "what a line received is what its receipts brought": """
      SELECT concat_ws(' ', 'asn', line.asn_id, 'line', line.id), brought.quantity, line.received
        FROM asn_asnline AS line
        LEFT JOIN (SELECT line_id, sum(quantity) AS quantity, sum(over) AS over
                     FROM asn_receiptline GROUP BY line_id) AS brought ON brought.line_id = line.id
       WHERE (line.received, line.over_received)
             <> (coalesce(brought.quantity, 0), coalesce(brought.over, 0))""",
    "what stands in transit is what ASNs say": """
      SELECT concat_ws(' ', 'location', location_id, 'product', product_id),
             told.quantity, held.quantity
        FROM (SELECT location_id, product_id, quantity FROM inventory_stockonhand
               WHERE stock_location_id = (SELECT id FROM locations_stocklocation
                                           WHERE name = '_in_transit')) AS held
        FULL JOIN (SELECT asn.holder_id AS location_id, product_id,
                          sum(line.in_transit)::int AS quantity
                     FROM asn_asnline AS line JOIN asn_asn AS asn ON asn.id = line.asn_id
                    WHERE asn.holder_id IS NOT NULL
                    GROUP BY asn.holder_id, product_id) AS told USING (location_id, product_id)
       WHERE coalesce(held.quantity, 0) <> coalesce(told.quantity, 0)""",
}
