from django.urls import path

from . import views

app_name = "catalog"
urlpatterns = [path("settings/barcodes/", views.Barcodes.as_view(), name="barcodes")]
