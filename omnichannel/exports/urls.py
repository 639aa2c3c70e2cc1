from django.urls import path

from . import views

app_name = "exports"
urlpatterns = [
    path("", views.ExportList.as_view(), name="list"),
    path("new/", views.NewExport.as_view(), name="new"),
    path("<uuid:uuid>/", views.ExportDetail.as_view(), name="detail"),
    path("<uuid:uuid>/download/", views.Download.as_view(), name="download"),
]
