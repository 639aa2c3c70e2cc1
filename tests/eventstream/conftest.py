import pytest

from omnichannel.eventstream import drain, nudging
from omnichannel.eventstream.models import Integration


@pytest.fixture(autouse=True)
def no_lingering(monkeypatch):
    """A drain ends as soon as nothing is due."""
    monkeypatch.setattr(drain, "LINGER", 0)


@pytest.fixture(autouse=True)
def nudges(monkeypatch):
    """Names of the tasks that would have been sent."""
    sent = []

    class Broker:
        def send_task(self, name, **options):
            sent.append(name)

    monkeypatch.setattr(nudging, "current_app", Broker())
    monkeypatch.setattr(nudging, "last_nudge", float("-inf"))
    return sent


def register(name: str, **fields: object) -> Integration:
    return Integration.objects.create(
        name=name, **{"callback_url": "https://erp.example.com/events", **fields}
    )
