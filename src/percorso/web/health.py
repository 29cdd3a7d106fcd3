"""Addresses by which a supervisor sees whether percorso lives, is ready, and how it does."""

from typing import Any

urlpatterns: list[Any] = []
