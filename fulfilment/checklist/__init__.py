"""What is still under way in a location, before somebody decides about all of it.

`takeover`   before its stock becomes ours: what would be cut in two, what is to be known
"""
