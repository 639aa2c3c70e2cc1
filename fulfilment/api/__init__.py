"""What may be promised, over JSON and as files (CONTRACT §4.4)."""
