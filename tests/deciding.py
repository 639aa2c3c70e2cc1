"""What the configuration says about phones, for a test."""

from django.db import transaction

from omnichannel.locations.models import Configuration


@transaction.atomic
def decide(**phone: object) -> None:
    decided = Configuration.locked()
    decided.phone |= phone
    decided.save()
