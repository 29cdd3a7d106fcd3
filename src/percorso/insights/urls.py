"""Addresses of the overview and the indicators' pages."""

from django.urls import include, path

from percorso.insights.views import annotations, catalogue, definition, downloads, facts, indicator, overview, segments

KEY = "w/<slug:slug>/indicators/<slug:key>/"

urlpatterns = [
    path("", overview.home, name="home"),
    path("w/<slug:slug>/", overview.overview, name="overview"),
    path("w/<slug:slug>/overview/", overview.choose, name="overview_choose"),
    path("w/<slug:slug>/indicators/", catalogue.indicators, name="indicators"),
    path(KEY, indicator.indicator, name="indicator"),
    path(KEY + "definition/", definition.definition, name="indicator_definition"),
    path(KEY + "facts/", facts.facts_behind, name="facts_behind"),
    path(KEY + "download/<slug:form>/", downloads.download, name="download"),
    path(KEY + "annotations/", annotations.annotate, name="indicators_annotate"),
    path(KEY + "annotations/<int:pk>/", annotations.annotation, name="indicators_annotation"),
    path(KEY + "annotations/<int:pk>/remove/", annotations.annotation_remove, name="indicators_annotation_remove"),
    path("w/<slug:slug>/segments/<slug:segment>/figures/", segments.segment_figures, name="segment_figures"),
    path("", include("percorso.insights.goals.urls")),
    path("", include("percorso.insights.plans.urls")),
    path("", include("percorso.insights.scorecards.urls")),
    path("", include("percorso.insights.boards.urls")),
    path("", include("percorso.insights.reports.urls")),
    path("", include("percorso.insights.value.urls")),
    path("", include("percorso.insights.alerting.urls")),
]
