from django.urls import path

from . import views

app_name = "jobs"
urlpatterns = [
    path("", views.jobs, name="list"),
    path("tray/", views.tray, name="tray"),
    path("<uuid:uuid>/cancel/", views.cancel, name="cancel"),
    path("<uuid:uuid>/retry/", views.retry, name="retry"),
]
