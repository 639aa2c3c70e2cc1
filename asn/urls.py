from django.urls import path

from .views import (
    closing,
    closing_many,
    correcting,
    deciding,
    detail,
    lists,
    receipts,
    receiving,
    session,
    sheet,
    transit,
)

app_name = "asn"
OPERATIONS = "store-operations/inventory/"

urlpatterns = [
    path(f"{OPERATIONS}asns/", lists.AsnList.as_view(), name="list"),
    path(f"{OPERATIONS}asns/close/", closing_many.CloseMany.as_view(), name="close-many"),
    path(f"{OPERATIONS}asns/<uuid:uuid>/", detail.AsnDetail.as_view(), name="detail"),
    path(f"{OPERATIONS}asns/<uuid:uuid>/lines/", detail.ExportLines.as_view(), name="lines"),
    path(f"{OPERATIONS}asns/<uuid:uuid>/sheet/", sheet.Sheet.as_view(), name="sheet"),
    path(f"{OPERATIONS}asns/<uuid:uuid>/close/", closing.ForceClose.as_view(), name="close"),
    path(f"{OPERATIONS}asns/<uuid:uuid>/fate/", deciding.ChangeFate.as_view(), name="fate"),
    path(f"{OPERATIONS}receipts/<uuid:uuid>/", receipts.ReceiptDetail.as_view(), name="receipt"),
    path(
        f"{OPERATIONS}receipts/<uuid:uuid>/correct/",
        correcting.CorrectReceipt.as_view(),
        name="correct",
    ),
    path(f"{OPERATIONS}in-transit/", transit.InTransitList.as_view(), name="in-transit"),
    path("receive/", receiving.Receive.as_view(), name="receive"),
    path("receive/blind/", receiving.ReceiveBlind.as_view(), name="receive-blind"),
    path("receive/asn/<uuid:uuid>/", receiving.ReceiveAsn.as_view(), name="receive-asn"),
    path("receive/<uuid:uuid>/", session.SessionPage.as_view(), name="session"),
    path("receive/<uuid:uuid>/scans/", session.SessionScans.as_view(), name="session-scans"),
]
