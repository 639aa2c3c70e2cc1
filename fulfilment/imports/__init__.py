"""Stock that another system tells by file (CONTRACT §4.3): read, placed, compared, posted."""
