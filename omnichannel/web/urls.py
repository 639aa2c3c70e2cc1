from django.urls import path

from . import health, saving, views

urlpatterns = [
    path("", views.home, name="home"),
    path("appearance/", views.appearance, name="appearance"),
    path("views/new/", saving.new_view, name="new-view"),
    path("views/columns/", saving.choose_columns, name="choose-columns"),
    path("views/<uuid:uuid>/", saving.change_view, name="change-view"),
    path("styleguide/", views.styleguide, name="styleguide"),
    path("livez", health.livez, name="livez"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
]
