from django.urls import path

from . import views

app_name = "overview"
urlpatterns = [path("search/", views.QuickSearch.as_view(), name="search")]
