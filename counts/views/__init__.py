"""Pages of counts, at the desk and on the phone."""
