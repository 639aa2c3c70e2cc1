from django.urls import path

from .views import (
    closing,
    closing_many,
    creating,
    detail,
    handover,
    lists,
    packing,
    parcel,
    phone,
    phone_draft,
    phone_parcel,
    slip,
)

app_name = "transfers"
ORDERS = "store-operations/inventory/transfer-orders/"
ORDER = f"{ORDERS}<uuid:uuid>/"
PARCEL = "store-operations/inventory/transfer-transactions/<uuid:uuid>/"

urlpatterns = [
    path(ORDERS, lists.TransferList.as_view(), name="list"),
    path(f"{ORDERS}new/", creating.CreateTransfer.as_view(), name="create"),
    path(f"{ORDERS}close/", closing_many.CloseMany.as_view(), name="close-many"),
    path(ORDER, detail.TransferDetail.as_view(), name="detail"),
    path(f"{ORDER}lines/", detail.ExportLines.as_view(), name="lines"),
    path(f"{ORDER}close/", closing.CloseTransfer.as_view(), name="close"),
    path(f"{ORDER}ship/", packing.StartShipment.as_view(), name="start"),
    path(PARCEL, parcel.ParcelDetail.as_view(), name="parcel"),
    path(f"{PARCEL}quantities/", packing.ChangeParcel.as_view(), name="pack"),
    path(f"{PARCEL}ready/", handover.MakeReady.as_view(), name="ready"),
    path(f"{PARCEL}ship/", handover.Ship.as_view(), name="ship"),
    path(f"{PARCEL}unpack/", handover.Unpack.as_view(), name="unpack"),
    path(f"{PARCEL}slip/", slip.PackingSlip.as_view(), name="slip"),
    path("transfer/", phone.TransferHome.as_view(), name="phone"),
    path("transfer/new/", phone.NewTransfer.as_view(), name="phone-new"),
    path("transfer/new/<uuid:uuid>/", phone_draft.DraftForm.as_view(), name="phone-draft"),
    path(
        "transfer/new/<uuid:uuid>/scans/",
        phone_draft.DraftScans.as_view(),
        name="phone-draft-scans",
    ),
    path("transfer/order/<uuid:uuid>/", phone.TransferHere.as_view(), name="phone-order"),
    path("transfer/<uuid:uuid>/", phone_parcel.ParcelForm.as_view(), name="phone-parcel"),
    path(
        "transfer/<uuid:uuid>/scans/", phone_parcel.ParcelScans.as_view(), name="phone-parcel-scans"
    ),
]
