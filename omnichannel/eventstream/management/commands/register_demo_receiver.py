"""Called by every start of the demo, whose address may be another one than the last time."""

from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand

from omnichannel.eventstream import demo_receiver


class Command(BaseCommand):
    help = "Registers the demo's receiver as an integration, where the demo is loaded."

    def handle(self, **options: Any) -> None:
        if apps.get_model("demo.DemoLoad").objects.exists():
            demo_receiver.register()
