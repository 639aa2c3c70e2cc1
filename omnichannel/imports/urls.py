from django.urls import path

from . import views

app_name = "imports"
urlpatterns = [
    path("", views.ImportList.as_view(), name="list"),
    path("new/", views.NewImport.as_view(), name="new"),
    path("new/<slug:kind>/", views.NewImport.as_view(), name="new"),
    path("<uuid:uuid>/", views.ImportDetail.as_view(), name="detail"),
]
