"""Pages under Tools > Event Stream (PRODUCT §10)."""
