from django.urls import path

from . import views

app_name = "locations"
urlpatterns = [path("settings/locations/", views.LocationList.as_view(), name="list")]
