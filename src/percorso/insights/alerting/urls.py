"""Addresses of alarms and watches."""

from django.urls import path

from percorso.insights.alerting import views

ALERTS = "w/<slug:slug>/alerts/"
WATCHES = ALERTS + "watches/"
PREVIEWS = WATCHES + "previews/<int:pk>/"

urlpatterns = [
    path(ALERTS, views.alarms, name="alerts"),
    path(ALERTS + "start/", views.start, name="alerts_start"),
    path(ALERTS + "<int:pk>/", views.alarm, name="alerts_alarm"),
    path(ALERTS + "<int:pk>/snooze/", views.alarm_snooze, name="alerts_alarm_snooze"),
    path(ALERTS + "<int:pk>/close/", views.alarm_close, name="alerts_alarm_close"),
    path(WATCHES, views.watches, name="alerts_watches"),
    path(WATCHES + "new/", views.watch_new, name="alerts_watch_new"),
    path(PREVIEWS, views.preview, name="alerts_preview"),
    path(PREVIEWS + "stop/", views.preview_stop, name="alerts_preview_stop"),
    path(WATCHES + "<int:pk>/", views.watch, name="alerts_watch"),
    path(WATCHES + "<int:pk>/switch/", views.watch_switch, name="alerts_watch_switch"),
    path(WATCHES + "<int:pk>/snooze/", views.watch_snooze, name="alerts_watch_snooze"),
    path(WATCHES + "<int:pk>/remove/", views.watch_remove, name="alerts_watch_remove"),
]
