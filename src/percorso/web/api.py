"""The REST interface: one NinjaAPI, a router of every app."""

from typing import Any

urlpatterns: list[Any] = []
