"""Addresses of the pages: slow and broken pages, and what they cost in scores."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
