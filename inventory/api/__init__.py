"""The verbs of this room over JSON, one module for each subject; each has a `router`."""
