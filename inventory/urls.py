from django.urls import path

from . import lookup, views

app_name = "inventory"
OPERATIONS = "store-operations/inventory/"

# A product id may hold a slash, so it takes the rest of the path.
urlpatterns = [
    path(f"{OPERATIONS}stock-on-hand/", views.StockOnHandList.as_view(), name="stock-on-hand"),
    path(
        f"{OPERATIONS}stock-on-hand/<str:code>/<path:product_id>/",
        views.AuditTrail.as_view(),
        name="audit-trail",
    ),
    path(f"{OPERATIONS}transactions/", views.TransactionList.as_view(), name="transactions"),
    path(
        f"{OPERATIONS}transactions/<uuid:uuid>/",
        views.TransactionDetail.as_view(),
        name="transaction-detail",
    ),
    path(f"{OPERATIONS}movements/", views.MovementList.as_view(), name="movements"),
    path("lookup/", lookup.LookUp.as_view(), name="lookup"),
    path("lookup/decode/", lookup.Decode.as_view(), name="lookup-decode"),
    path("catalog/products/", views.ProductList.as_view(), name="products"),
    path(
        "catalog/products/<path:product_id>/",
        views.ProductDetail.as_view(),
        name="product-detail",
    ),
]
