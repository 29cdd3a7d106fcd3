"""Addresses of sources of events, and of what arrives."""

from django.urls import path

from percorso.sources.arriving import plan_views, refused_views, source_views, views

SOURCES = "w/<slug:slug>/sources/"
ARRIVING = "w/<slug:slug>/arriving/"

urlpatterns = [
    path(SOURCES, source_views.sources, name="event_sources"),
    path(SOURCES + "new/", source_views.new, name="event_source_new"),
    path(SOURCES + "<int:pk>/", source_views.source, name="event_source"),
    path(SOURCES + "<int:pk>/revoke/", source_views.revoke, name="event_source_revoke"),
    path(SOURCES + "refused/", refused_views.refused, name="refused"),
    path(SOURCES + "refused/<int:pk>/", refused_views.refused_call, name="refused_call"),
    path(SOURCES + "refused/replay/", refused_views.replay, name="refused_replay"),
    path(SOURCES + "refused/remove/", refused_views.remove, name="refused_remove"),
    path(ARRIVING, views.arriving, name="arriving"),
    path(ARRIVING + "events/", views.events, name="arriving_events"),
    path(ARRIVING + "event/", views.event, name="arriving_event"),
    path(ARRIVING + "plan/", plan_views.plan, name="arriving_plan"),
    path(ARRIVING + "plan/event/", plan_views.planned_event, name="arriving_plan_event"),
    path(ARRIVING + "plan/remove/", plan_views.remove, name="arriving_plan_remove"),
    path(ARRIVING + "plan/seen/", plan_views.take_seen, name="arriving_plan_seen"),
]
