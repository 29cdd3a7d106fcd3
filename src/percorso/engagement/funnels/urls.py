"""Addresses of the pages: how many get from one step to the next."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
