"""The composition root: every room's pages, named by string."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("omnichannel.web.urls")),
    path("", include("inventory.urls")),
    path("", include("asn.urls")),
    path("", include("transfers.urls")),
    path("", include("counts.urls")),
    path("", include("fulfilment.urls")),
    path("", include("omnichannel.locations.urls")),
    path("", include("omnichannel.catalog.urls")),
    path("", include("omnichannel.eventstream.urls")),
    path("", include("overview.urls")),
    path("tools/imports/", include("omnichannel.imports.urls")),
    path("tools/exports/", include("omnichannel.exports.urls")),
    path("jobs/", include("omnichannel.jobs.urls")),
    path("account/", include("omnichannel.accounts.urls")),
    path("admin/", admin.site.urls),
    # Last: it answers every other address that belongs to machines.
    path("", include("omnichannel.api.urls")),
]
