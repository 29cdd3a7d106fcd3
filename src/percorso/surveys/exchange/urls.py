"""Addresses of surveys that come from other systems and go there."""

from django.urls import URLPattern, path

from percorso.surveys.exchange import views

SURVEYS = "w/<slug:slug>/surveys/"

urlpatterns: list[URLPattern] = [
    path(SURVEYS + "import/", views.survey_import, name="survey_import"),
    path(SURVEYS + "import/<str:upload>/", views.survey_import_look, name="survey_import_look"),
    path(SURVEYS + "<slug:survey>/definition/<slug:form>/", views.survey_definition, name="survey_definition"),
]
