from django.urls import path

from .views import lists

app_name = "counts"
OPERATIONS = "store-operations/inventory/"

urlpatterns = [
    path(f"{OPERATIONS}count-tasks/", lists.CountList.as_view(), name="list"),
]
