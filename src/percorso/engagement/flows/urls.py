"""Addresses of the pages: which ways customers take."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
