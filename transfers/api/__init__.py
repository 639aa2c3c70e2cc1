"""Transfer orders, their transactions and routes over JSON (CONTRACT §4)."""
