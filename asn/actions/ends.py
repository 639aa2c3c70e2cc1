"""Which locations of ours the parties of a message are."""

from collections.abc import Sequence

from omnichannel.accounts.models import User
from omnichannel.imports.edi.papers import Party
from omnichannel.locations.models import FulfillmentLocation


class Ends:
    """Of one file, for one person."""

    def __init__(self, by: User | None) -> None:
        self.by = by
        self.places: dict[tuple[str, bool], FulfillmentLocation | None] = {}

    def find(
        self, parties: Sequence[Party], told: str, *, acts_there: bool
    ) -> FulfillmentLocation | None:
        """The first that the message names, or else the one that was `told` beside it.

        Args:
            acts_there: only one for which the person acts is found.
        """
        for text in [*(party.id for party in parties), told]:
            if text and (found := self.place(text, acts_there)):
                return found
        return None

    def place(self, text: str, acts_there: bool) -> FulfillmentLocation | None:
        """By location ID or store ID, as the API asks."""
        key = text, acts_there
        if key not in self.places:
            rows = FulfillmentLocation.objects.all()
            if acts_there:
                rows = rows.acted_for_by(self.by) if self.by else rows.none()
            self.places[key] = rows.meant(text)
        return self.places[key]


def named(parties: Sequence[Party], told: str) -> str:
    """The parties as the message has them, for people."""
    shown = ", ".join(f"{party.role} {party.id or '–'} {party.name}".strip() for party in parties)
    return ", ".join(text for text in (shown[:200], told[:64]) if text) or "–"
