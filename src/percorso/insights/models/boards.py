"""Boards: cards that people arranged."""

from django.db import models

from percorso.accounts.models import Person, Workspace
from percorso.customers.models import Segment


class Board(models.Model):
    """Cards of figures in an order, with one period, comparison and segment for all of them."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="boards")
    slug = models.SlugField(max_length=60)
    name = models.CharField(max_length=80)
    about = models.CharField(max_length=300, blank=True)
    # In order, see `insights.boards.cards.Card`: [{id, kind, width: 1–4, title, indicators, by, grain, look, options, text}].
    cards = models.JSONField(default=list)
    # The board's own period (a preset of analytics.query.PRESETS) and comparison, until a visitor chooses others.
    period = models.CharField(max_length=20, default="last_30_days")
    compare = models.CharField(max_length=10, default="previous")
    segment = models.ForeignKey(Segment, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    # Roles whose members see it, besides who made it and owners; empty: everybody of the workspace.
    roles = models.JSONField(default=list)
    by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("name", "id")
        constraints = [models.UniqueConstraint(fields=("workspace", "slug"), name="board_slug")]

    def __str__(self) -> str:
        return self.name
