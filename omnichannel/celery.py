import os

from celery import Celery
from celery.signals import worker_init

from omnichannel.keys import refuse_without_key

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "omnichannel.settings")
app = Celery("omnichannel")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
def check(**options: object) -> None:
    refuse_without_key()
