"""Messages of warehouses: X12 940, 943, 944 and 945 become orders, shipments and receipts.

Pure functions: segments in, papers out, with everything that is wrong with them named by its
segment. Which orders, products and locations they mean is asked in `transfers.actions.warehousing`.
"""
