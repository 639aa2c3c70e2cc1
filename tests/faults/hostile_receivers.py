"""Those of tests/eventstream/hostile.py, in a process of their own: says its place and its paths."""

import json
import sys
import threading

from tests.eventstream.hostile import behaviours
from tests.eventstream.receiver import Server

if __name__ == "__main__":
    with Server(behaviours(sys.argv[1])) as evil:
        print(json.dumps([evil.place, *evil.script]), flush=True)
        threading.Event().wait()
