"""Import of products and prices from files (CONTRACT §4.3, PRODUCT §8).

    fetching | upload → pieces → archive → reading → products | prices → staging → applying

A file is read once, checked row by row and copied into a temporary table; one diff says which rows
are new or changed, and only these are written. Over the API each chunk is one transaction, from the
browser the whole file is.
"""
