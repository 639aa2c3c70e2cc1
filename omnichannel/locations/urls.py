from django.urls import path

from . import switching, views

app_name = "locations"
urlpatterns = [
    path("settings/locations/", views.LocationList.as_view(), name="list"),
    path("store/", switching.SwitchStore.as_view(), name="switch"),
]
