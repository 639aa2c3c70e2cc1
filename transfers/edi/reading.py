"""The messages of warehouses, and how their files are read."""

from omnichannel.imports.edi.reading import edi_of

from . import x12_940, x12_944, x12_shipped

EDI = edi_of(
    {
        ("X12", "940"): x12_940.orders_of,
        ("X12", "943"): x12_shipped.stock_transfers_of,
        ("X12", "944"): x12_944.arrivals_of,
        ("X12", "945"): x12_shipped.shipments_of,
    }
)
