from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("omnichannel.web.urls")),
    path("account/", include("omnichannel.accounts.urls")),
    path("admin/", admin.site.urls),
]
