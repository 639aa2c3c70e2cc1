from django.urls import path

from .views import adjusting, lists, lookup, reasons, releasing, reports, reservations

app_name = "inventory"
OPERATIONS = "store-operations/inventory/"

# A product id may hold a slash, so it takes the rest of the path.
urlpatterns = [
    path(f"{OPERATIONS}stock-on-hand/", lists.StockOnHandList.as_view(), name="stock-on-hand"),
    path(f"{OPERATIONS}stock-on-hand/as-of/", reports.StockAsOfList.as_view(), name="stock-as-of"),
    path(f"{OPERATIONS}period-report/", reports.PeriodReport.as_view(), name="period-report"),
    path(
        f"{OPERATIONS}stock-on-hand/<str:code>/<path:product_id>/",
        lists.AuditTrail.as_view(),
        name="audit-trail",
    ),
    path(f"{OPERATIONS}transactions/", lists.TransactionList.as_view(), name="transactions"),
    path(
        f"{OPERATIONS}transactions/<uuid:uuid>/",
        lists.TransactionDetail.as_view(),
        name="transaction-detail",
    ),
    path(f"{OPERATIONS}movements/", lists.MovementList.as_view(), name="movements"),
    path(
        f"{OPERATIONS}transactions/<uuid:uuid>/correct/",
        adjusting.CorrectTransaction.as_view(),
        name="correct",
    ),
    path(f"{OPERATIONS}adjustments/new/", adjusting.AdjustStock.as_view(), name="adjust"),
    path(f"{OPERATIONS}adjustments/swap/", adjusting.SwapProducts.as_view(), name="swap"),
    path(f"{OPERATIONS}reservations/", reservations.ReservationList.as_view(), name="reservations"),
    path(
        f"{OPERATIONS}reservations/release/",
        releasing.ReleaseMany.as_view(),
        name="release-many",
    ),
    path(
        f"{OPERATIONS}reservations/<uuid:uuid>/",
        reservations.ReservationDetail.as_view(),
        name="reservation",
    ),
    path(
        f"{OPERATIONS}reservations/<uuid:uuid>/release/",
        releasing.Release.as_view(),
        name="release",
    ),
    path("settings/adjustment-reasons/", reasons.ReasonList.as_view(), name="reasons"),
    path("settings/adjustment-reasons/new/", reasons.NewReason.as_view(), name="reason-new"),
    path("settings/adjustment-reasons/<uuid:uuid>/", reasons.EditReason.as_view(), name="reason"),
    path("adjust/", adjusting.AdjustOnPhone.as_view(), name="adjust-phone"),
    path("lookup/", lookup.LookUp.as_view(), name="lookup"),
    path("lookup/decode/", lookup.Decode.as_view(), name="lookup-decode"),
    path("catalog/products/", lists.ProductList.as_view(), name="products"),
    path(
        "catalog/products/<path:product_id>/",
        lists.ProductDetail.as_view(),
        name="product-detail",
    ),
]
