from django.urls import path

from .views import (
    activating,
    batches,
    cancelling,
    completing,
    creating,
    detail,
    exporting,
    figures,
    lists,
    phone,
    phone_review,
    phone_session,
    printing,
    products,
    repeating,
    reversing,
    reviewing,
    zones,
)

app_name = "counts"
COUNTS = "store-operations/inventory/count-tasks/"
ONE = f"{COUNTS}<uuid:uuid>/"

urlpatterns = [
    path(COUNTS, lists.CountList.as_view(), name="list"),
    path(f"{COUNTS}new/", creating.CreateCount.as_view(), name="create"),
    path(f"{COUNTS}cancel/", cancelling.CancelMany.as_view(), name="cancel-many"),
    path(f"{COUNTS}batches/<uuid:uuid>/", batches.BatchDetail.as_view(), name="batch"),
    path(f"{COUNTS}recurring/", repeating.RecurringCounts.as_view(), name="recurring"),
    path(ONE, detail.CountDetail.as_view(), name="detail"),
    path(f"{ONE}progress/", detail.CountProgress.as_view(), name="progress"),
    path(f"{ONE}activate/", activating.ActivateCount.as_view(), name="activate"),
    path(f"{ONE}complete/", completing.CompleteCount.as_view(), name="complete"),
    path(f"{ONE}products/<path:product_id>/", products.ProductOfCount.as_view(), name="product"),
    path(f"{ONE}review/", reviewing.Review.as_view(), name="review"),
    path(f"{ONE}figures/", figures.CountFigures.as_view(), name="figures"),
    path(f"{ONE}zones/", zones.Zones.as_view(), name="zones"),
    path(f"{ONE}zones/sheet/", printing.ZoneSheet.as_view(), name="zone-sheet"),
    path(f"{ONE}list/", printing.CountList.as_view(), name="sheet"),
    path(f"{ONE}export/<slug:kind>/", exporting.ExportCount.as_view(), name="export"),
    path(f"{ONE}reverse/", reversing.ReverseCount.as_view(), name="reverse"),
    path(f"{ONE}late/", reversing.CorrectLate.as_view(), name="late"),
    path(f"{ONE}cancel/", cancelling.CancelCount.as_view(), name="cancel"),
    path("count/", phone.CountHome.as_view(), name="phone"),
    path("count/<uuid:uuid>/", phone.CountPage.as_view(), name="phone-count"),
    path("count/<uuid:uuid>/review/", phone_review.ReviewPage.as_view(), name="phone-review"),
    path("count/session/<uuid:uuid>/", phone_session.SessionPage.as_view(), name="phone-session"),
    path(
        "count/session/<uuid:uuid>/scans/",
        phone_session.SessionScans.as_view(),
        name="phone-session-scans",
    ),
    path(
        "count/session/<uuid:uuid>/alive/",
        phone_session.SessionAlive.as_view(),
        name="phone-session-alive",
    ),
]
