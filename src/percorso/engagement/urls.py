"""Addresses of the pages about use."""

from django.urls import include, path

urlpatterns = [
    path("", include(f"percorso.engagement.{part}.urls"))
    for part in ("usage", "funnels", "retention", "flows", "speed")
]
