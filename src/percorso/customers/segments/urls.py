"""Addresses of segments."""

from django.urls import path

from percorso.customers.segments import views

SEGMENT = "w/<slug:slug>/segments/<slug:segment>/"

urlpatterns = [
    path("w/<slug:slug>/segments/", views.segments, name="segments"),
    path("w/<slug:slug>/segments/new/", views.segment_new, name="segment_new"),
    path("w/<slug:slug>/segments/count/", views.segment_count, name="segment_count"),
    path(SEGMENT, views.segment, name="segment"),
    path(SEGMENT + "change/", views.segment_change, name="segment_change"),
    path(SEGMENT + "copy/", views.segment_copy, name="segment_copy"),
    path(SEGMENT + "remove/", views.segment_remove, name="segment_remove"),
]
