from django.urls import path

from .views import closing, places, taking_over

app_name = "fulfilment"
LOCATION = "settings/locations/<str:code>/"

urlpatterns = [
    path(LOCATION, places.LocationDetail.as_view(), name="location"),
    path(f"{LOCATION}switch/", places.SwitchLocation.as_view(), name="switch"),
    path(f"{LOCATION}take-over/", taking_over.TakeOver.as_view(), name="take-over"),
    path(f"{LOCATION}close/", closing.CloseStore.as_view(), name="close-store"),
]
