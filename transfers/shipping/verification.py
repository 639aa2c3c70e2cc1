"""What must be true of transfers, for the nightly proof: rules as `inventory.ledger` reads them."""

# Each rule selects (where, expected, found) of the rows that break it.
RULES = {
    "a transfer order's totals are those of its lines": """
      SELECT concat_ws(' ', 'order', o.id), summed.transferred, o.transferred_total
        FROM transfers_transferorder AS o
        LEFT JOIN (SELECT order_id, sum(ordered) AS ordered, sum(transferred) AS transferred,
                          sum(reserved) AS reserved, count(*) AS products
                     FROM transfers_transferorderline GROUP BY order_id) AS summed
               ON summed.order_id = o.id
       WHERE (o.ordered_total, o.transferred_total, o.reserved_total, o.product_count)
             IS DISTINCT FROM
             (summed.ordered, summed.transferred, summed.reserved, summed.products)""",
    "what an order transferred is what its parcels took": """
      SELECT concat_ws(' ', 'order', order_id, 'product', product_id),
             shipped.quantity, line.transferred
        FROM transfers_transferorderline AS line
        FULL JOIN (SELECT parcel.order_id, item.product_id, sum(item.quantity) AS quantity
                     FROM transfers_transfertransactionline AS item
                     JOIN transfers_transfertransaction AS parcel ON parcel.id = item.transaction_id
                    WHERE parcel.status = 'SHIPPED' AND item.quantity <> 0
                    GROUP BY parcel.order_id, item.product_id) AS shipped
             USING (order_id, product_id)
       WHERE coalesce(line.transferred, 0) <> coalesce(shipped.quantity, 0)""",
    "an ASN of a transfer expects what its parcel took": """
      SELECT concat_ws(' ', 'parcel', parcel.id, 'asn', parcel.asn_id),
             parcel.quantity_total, notice.expected_total
        FROM transfers_transfertransaction AS parcel
        JOIN asn_asn AS notice ON notice.id = parcel.asn_id
       WHERE notice.expected_total <> parcel.quantity_total""",
    "an order is as far as its lines are": """
      SELECT concat_ws(' ', 'order', id, status), ordered_total, transferred_total
        FROM transfers_transferorder
       WHERE (status = 'COMPLETED') <> (transferred_total = ordered_total)
          OR (status = 'OPEN' AND transferred_total > 0)
          OR (status = 'IN_PROGRESS' AND transferred_total = 0)""",
    "what stands set aside is what orders say": """
      SELECT concat_ws(' ', 'location', location_id, 'product', product_id),
             told.quantity, held.quantity
        FROM (SELECT location_id, product_id, quantity FROM inventory_stockonhand
               WHERE stock_location_id = (SELECT id FROM locations_stocklocation
                                           WHERE name = '_transfers')) AS held
        FULL JOIN (SELECT o.origin_id AS location_id, product_id, sum(line.reserved)::int AS quantity
                     FROM transfers_transferorderline AS line
                     JOIN transfers_transferorder AS o ON o.id = line.order_id
                    WHERE line.reserved > 0
                    GROUP BY o.origin_id, product_id) AS told USING (location_id, product_id)
       WHERE coalesce(held.quantity, 0) <> coalesce(told.quantity, 0)""",
}
