"""Addresses of the page: slow and broken pages, and what they cost in scores."""

from django.urls import path

from percorso.engagement.speed import views

SPEED = "w/<slug:slug>/usage/speed/"

urlpatterns = [
    path(SPEED, views.speed, name="speed"),
    path(SPEED + "<slug:table>.<slug:form>", views.file, name="speed_file"),
]
