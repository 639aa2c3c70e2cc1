from django.urls import path

from . import settled, switching, views

app_name = "locations"
urlpatterns = [
    path("settings/locations/", views.LocationList.as_view(), name="list"),
    path("settings/stock-locations/", settled.StockLocationList.as_view(), name="shelves"),
    path("settings/stock-locations/new/", settled.NewStockLocation.as_view(), name="shelf-new"),
    path(
        "settings/stock-locations/rename/<path:name>/",
        settled.RenameStockLocation.as_view(),
        name="shelf",
    ),
    path("settings/return-conditions/", settled.ReturnConditionList.as_view(), name="returns"),
    path("settings/return-conditions/set/", settled.SetReturnCondition.as_view(), name="return"),
    path("settings/configuration/", settled.ConfigurationPage.as_view(), name="configuration"),
    path("store/", switching.SwitchStore.as_view(), name="switch"),
]
