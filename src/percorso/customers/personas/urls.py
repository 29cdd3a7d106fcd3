"""Addresses of personas."""

from django.urls import path

from percorso.customers.personas import views

PERSONA = "w/<slug:slug>/personas/<int:pk>/"

urlpatterns = [
    path("w/<slug:slug>/personas/", views.personas, name="personas"),
    path("w/<slug:slug>/personas/new/", views.persona_new, name="persona_new"),
    path(PERSONA, views.persona, name="persona"),
    path(PERSONA + "change/", views.persona_change, name="persona_change"),
    path(PERSONA + "remove/", views.persona_remove, name="persona_remove"),
]
