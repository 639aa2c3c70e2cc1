from tests.api.conftest import call, everybody, nobody_asked_yet, world

__all__ = ["call", "everybody", "nobody_asked_yet", "world"]
