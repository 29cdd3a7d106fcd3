"""Addresses of the pages: how many get from one step to the next."""

from django.urls import path

from percorso.engagement.funnels import views

FUNNELS = "w/<slug:slug>/usage/funnels/"

urlpatterns = [
    path(FUNNELS, views.funnels, name="funnels"),
    path(FUNNELS + "save/", views.save, name="funnels_save"),
    path(FUNNELS + "segment/", views.segment, name="funnels_segment"),
    path(FUNNELS + "<int:pk>/remove/", views.remove, name="funnels_remove"),
    path(FUNNELS + "<slug:table>.<slug:form>", views.file, name="funnels_file"),
]
