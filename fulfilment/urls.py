from django.urls import path

from .views import closing, lists, places, safety_stock, taking_over

app_name = "fulfilment"
LOCATION = "settings/locations/<str:code>/"
LEVELS = "catalog/stock-levels/"

urlpatterns = [
    path(LEVELS, lists.StockLevelList.as_view(), name="stock-levels"),
    path(f"{LEVELS}safety-stock/", safety_stock.ImportSafetyStock.as_view(), name="safety-stock"),
    path(
        f"{LEVELS}safety-stock/export/",
        safety_stock.ExportSafetyStock.as_view(),
        name="safety-stock-export",
    ),
    path("store-operations/inventory/mispicks/", lists.MispickList.as_view(), name="mispicks"),
    path(LOCATION, places.LocationDetail.as_view(), name="location"),
    path(f"{LOCATION}switch/", places.SwitchLocation.as_view(), name="switch"),
    path(f"{LOCATION}take-over/", taking_over.TakeOver.as_view(), name="take-over"),
    path(f"{LOCATION}close/", closing.CloseStore.as_view(), name="close-store"),
]
