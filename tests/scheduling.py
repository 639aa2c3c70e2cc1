"""Which tests follow each other on one worker; all others go wherever there is room.

By path, because pytest 9 ignores what xdist 3 writes behind a test's name for its `xdist_group`.
"""

from typing import Any

from xdist.scheduler import LoadScopeScheduling

TOGETHER = {
    # One browser at a time: two cores share a server, a database and a worker.
    "tests/browser/": "browser",
    # One folder of `manage.py up`, and with it the time that an empty one takes.
    "tests/embedded/test_stopping.py": "supervisor",
    "tests/embedded/test_supervisor.py": "supervisor",
    # One shop, made once.
    "tests/kit/test_filled_lists.py": "filled lists",
}


class Together(LoadScopeScheduling):
    def _split_scope(self, nodeid: str) -> str:
        groups = (group for path, group in TOGETHER.items() if nodeid.startswith(path))
        return next(groups, nodeid)


def pytest_xdist_make_scheduler(config: Any, log: Any) -> Together:
    return Together(config, log)
