"""Notices and receiving over JSON (CONTRACT §4), one module for each subject; each has a `router`."""
