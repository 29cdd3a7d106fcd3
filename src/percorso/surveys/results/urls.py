"""Addresses of results."""

from django.urls import URLPattern, path

from percorso.surveys.results import export_views, views

SURVEY = "w/<slug:slug>/surveys/<slug:survey>/"

urlpatterns: list[URLPattern] = [
    path(SURVEY, views.survey, name="survey"),
    path(SURVEY + "marks/", views.survey_mark, name="survey_mark"),
    path(SURVEY + "answers/", views.survey_answers, name="survey_answers"),
    path(SURVEY + "answers/<str:key>/", views.survey_answer, name="survey_answer"),
    path(SURVEY + "answers/<str:key>/change/", views.survey_answer_change, name="survey_answer_change"),
    path(SURVEY + "export/", export_views.survey_export, name="survey_export"),
    path(SURVEY + "export/<int:job>/", export_views.survey_export_file, name="survey_export_file"),
]
