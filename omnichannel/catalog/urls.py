from django.urls import path

from . import printing, views

app_name = "catalog"
urlpatterns = [
    path("settings/barcodes/", views.Barcodes.as_view(), name="barcodes"),
    path("catalog/labels/", printing.Labels.as_view(), name="labels"),
]
