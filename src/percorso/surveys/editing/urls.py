"""Addresses of writing surveys."""

from django.urls import URLPattern, path

from percorso.surveys.editing import editor, preview, translating, views

SURVEYS = "w/<slug:slug>/surveys/"
SURVEY = SURVEYS + "<slug:survey>/"

urlpatterns: list[URLPattern] = [
    path(SURVEYS, views.surveys, name="surveys"),
    path(SURVEYS + "new/", views.survey_new, name="survey_new"),
    path(SURVEY + "edit/", editor.survey_edit, name="survey_edit"),
    path(SURVEY + "edit/preview/", preview.survey_preview, name="survey_preview"),
    path(SURVEY + "edit/publish/", editor.survey_publish, name="survey_publish"),
    path(SURVEY + "edit/translations/", translating.survey_translate, name="survey_translate"),
    path(SURVEY + "settings/", views.survey_settings, name="survey_settings"),
    path(SURVEY + "state/", views.survey_state, name="survey_state"),
    path(SURVEY + "copy/", views.survey_copy, name="survey_copy"),
    path(SURVEY + "remove/", views.survey_remove, name="survey_remove"),
]
