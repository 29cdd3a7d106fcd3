"""Addresses of the pages: how many come back."""

from django.urls import path

from percorso.engagement.retention import views

RETENTION = "w/<slug:slug>/usage/retention/"

urlpatterns = [
    path(RETENTION, views.retention, name="retention"),
    path(RETENTION + "segment/", views.segment, name="retention_segment"),
    path(RETENTION + "cohorts.<slug:form>", views.file, name="retention_file"),
]
