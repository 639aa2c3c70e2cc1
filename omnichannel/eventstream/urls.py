from django.urls import path

from .views import asking, demo_receiver, events, integrations, lists, making, rejecting

HOME = "tools/event-stream/"
ONE = f"{HOME}integrations/<str:name>/"

app_name = "eventstream"
urlpatterns = [
    path(HOME, lists.IntegrationList.as_view(), name="integrations"),
    path(f"{HOME}new/", making.NewIntegration.as_view(), name="new"),
    path(f"{HOME}events/", lists.EventList.as_view(), name="events"),
    path(f"{HOME}events/<uuid:uuid>/", events.EventDetail.as_view(), name="event"),
    path(f"{HOME}attempts/", lists.AttemptList.as_view(), name="attempts"),
    path(f"{HOME}rejected/", lists.RejectedList.as_view(), name="rejected"),
    path(f"{HOME}rejected/<uuid:uuid>/", rejecting.RejectedDetail.as_view(), name="rejected-event"),
    path(f"{HOME}log/", lists.LogList.as_view(), name="log"),
    path(f"{HOME}demo-receiver/", demo_receiver.DemoReceiver.as_view(), name="demo-receiver"),
    path(f"{HOME}demo-receiver/inbox/", demo_receiver.Inbox.as_view(), name="demo-inbox"),
    path(ONE, integrations.IntegrationDetail.as_view(), name="integration"),
    path(f"{ONE}change/", making.ChangeIntegration.as_view(), name="change"),
    path(f"{ONE}again/", making.SendAgain.as_view(), name="again"),
    path(f"{ONE}start/", asking.StartIntegration.as_view(), name="start"),
    path(f"{ONE}stop/", asking.StopIntegration.as_view(), name="stop"),
    path(f"{ONE}secret/", asking.RotateSecret.as_view(), name="rotate"),
    path(f"{ONE}delete/", asking.DeleteIntegration.as_view(), name="delete"),
]
