"""Addresses of the imports, of sources of events, and of the script for other sites."""

from django.urls import path

from percorso.sources import views
from percorso.sources.arriving.urls import urlpatterns as arriving
from percorso.sources.browser.urls import urlpatterns as browser
from percorso.sources.webhooks.urls import urlpatterns as webhooks

urlpatterns = [
    *browser,
    *arriving,
    *webhooks,
    path("w/<slug:slug>/imports/", views.history, name="imports"),
    path("w/<slug:slug>/imports/new/", views.upload, name="import_new"),
    path("w/<slug:slug>/imports/<int:pk>/", views.detail, name="import"),
    path("w/<slug:slug>/imports/<int:pk>/mapping/", views.mapping, name="import_mapping"),
    path("w/<slug:slug>/imports/<int:pk>/format/", views.read_again, name="import_format"),
    path("w/<slug:slug>/imports/<int:pk>/again/", views.again, name="import_again"),
    path("w/<slug:slug>/imports/<int:pk>/stop/", views.stop, name="import_stop"),
    path("w/<slug:slug>/imports/<int:pk>/undo/", views.undo, name="import_undo"),
    path("w/<slug:slug>/imports/<int:pk>/discard/", views.discard, name="import_discard"),
    path("w/<slug:slug>/imports/<int:pk>/rejected/", views.rejected, name="import_rejected"),
]
