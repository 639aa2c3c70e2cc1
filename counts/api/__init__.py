"""Counts over JSON, one module for each subject; each has a `router`.

`tasks`      CONTRACT §4: making a count and reading it, and our own list, activation and end
`counting`   zones, observations and recounts, as the phone does it
`deciding`   the review, answers, completion, reversal, late movements
`importing`  CONTRACT §4: a file of what was counted elsewhere
"""
