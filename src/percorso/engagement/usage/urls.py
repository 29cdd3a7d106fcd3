"""Addresses of the pages: how often customers come, and what they use."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
