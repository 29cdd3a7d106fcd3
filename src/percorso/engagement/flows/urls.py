"""Addresses of the pages: which ways customers take."""

from django.urls import path

from percorso.engagement.flows import views

FLOWS = "w/<slug:slug>/usage/flows/"

urlpatterns = [
    path(FLOWS, views.flows, name="flows"),
    path(FLOWS + "<slug:table>.<slug:form>", views.file, name="flows_file"),
]
