"""Files that come in: products, prices, and what other rooms declare (CONTRACT §4.3, PRODUCT §8).

A kind of import is a declaration (`kinds.Kind`), made in the room whose rows it writes and named
in settings.IMPORT_KINDS. It says how it is called, who may bring it in, which files are read and
who writes their rows. It is then on the pages of Tools > Imports, and over the API where the
contract knows it; fetching, limits, dry run, chunks, progress, errors and what happens after a
crash are the same for all and live here.

    fetching | upload → pieces → archive → reading → the kind's writer → chunks and problems

A file is read once, in flat memory. Over the API each chunk is one transaction, from the browser
the whole file is.
"""
