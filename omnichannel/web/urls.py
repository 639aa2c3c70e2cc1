from django.urls import path

from . import health, views

urlpatterns = [
    path("", views.home, name="home"),
    path("appearance/", views.appearance, name="appearance"),
    path("styleguide/", views.styleguide, name="styleguide"),
    path("livez", health.livez, name="livez"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
]
