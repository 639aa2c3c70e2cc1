"""`/v0/…` of availability and of who keeps the stock; each module has a `router`."""
