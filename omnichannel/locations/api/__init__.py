"""Locations, stores, stock locations and their configuration over JSON; each has a `router`."""
