"""Addresses of the overview and the indicators' pages."""

from django.urls import path

from percorso.insights import views

urlpatterns = [
    path("", views.home, name="home"),
    path("w/<slug:slug>/", views.overview, name="overview"),
    path("w/<slug:slug>/indicators/<slug:key>/", views.indicator, name="indicator"),
    path("w/<slug:slug>/indicators/<slug:key>/csv/", views.download, name="download"),
]
