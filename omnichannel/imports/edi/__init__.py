"""EDI as it travels: ANSI X12 and UN/EDIFACT (ADR 0024).

    bytes → `segments` → `envelopes`: messages whose envelopes are whole → the room that knows them

Nothing here knows what a message says; rooms read the segments of the types that they know. All of
it are pure functions over a stream, in memory that one message bounds.
"""
