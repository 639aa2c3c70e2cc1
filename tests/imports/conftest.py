from tests.kit.conftest import client, world

__all__ = ["client", "world"]
