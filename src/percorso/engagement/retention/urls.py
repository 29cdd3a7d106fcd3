"""Addresses of the pages: how many come back."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
