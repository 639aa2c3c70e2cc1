"""What is still under way in a location, before somebody decides about all of it.

`takeover`   before its stock becomes ours: what would be cut in two, what is to be known
`closing`    before a store closes: what is open, held, under way and left on the shelves
"""
