from django.urls import path

from .views import phone, phone_review, phone_session

app_name = "counts"

urlpatterns = [
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
