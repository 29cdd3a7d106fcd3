"""Addresses of scorecards."""

from django.urls import path

from percorso.insights.scorecards import views

LIST = "w/<slug:slug>/programme/scorecards/"
ONE = LIST + "<int:pk>/"

urlpatterns = [
    path(LIST, views.scorecards, name="scorecards"),
    path(LIST + "new/", views.scorecard_new, name="scorecard_new"),
    path(ONE, views.scorecard, name="scorecard"),
    path(ONE + "change/", views.scorecard_change, name="scorecard_change"),
    path(ONE + "remove/", views.scorecard_remove, name="scorecard_remove"),
    path(ONE + "propose/", views.propose, name="scorecard_propose"),
    path(ONE + "pillars/<slug:pillar>/new/", views.evidence_new, name="scorecard_evidence_new"),
    path(ONE + "evidence/<slug:id>/", views.evidence_change, name="scorecard_evidence"),
    path(ONE + "evidence/<slug:id>/remove/", views.evidence_remove, name="scorecard_evidence_remove"),
]
