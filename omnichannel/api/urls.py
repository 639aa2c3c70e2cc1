"""The operations of settings.API_ROUTERS, their description, and the page that shows it."""

from django.conf import settings
from django.urls import path

from . import pages
from .mounting import api_of, patterns

api = api_of(settings.API_ROUTERS)
urlpatterns = [
    path("openapi.json", pages.description(api), name="api-description"),
    path("api-docs/", pages.docs, name="api-docs"),
    *patterns(api),
]
