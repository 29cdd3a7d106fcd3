"""Addresses of webhook sources."""

from django.urls import path

from percorso.sources.webhooks import endpoint, views

SOURCES = "w/<slug:slug>/sources/webhooks/"
urlpatterns = [
    path(SOURCES, views.sources, name="webhook_sources"),
    path(SOURCES + "new/", views.new, name="webhook_source_new"),
    path(SOURCES + "<int:pk>/", views.source, name="webhook_source"),
    path(SOURCES + "<int:pk>/remove/", views.remove, name="webhook_source_remove"),
    path(SOURCES + "<int:pk>/replay/", views.replay, name="webhook_source_replay"),
    path("hooks/<slug:key>/", endpoint.call, name="webhook_call"),
]
