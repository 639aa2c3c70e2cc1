"""The project. Its Celery app is loaded with it, so that web processes send to the right broker."""

from .celery import app as celery_app

__all__ = ["celery_app"]
