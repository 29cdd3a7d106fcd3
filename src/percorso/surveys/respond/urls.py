"""Addresses."""

from django.urls import path

from percorso.surveys.respond import views

urlpatterns = [
    path("s/<str:key>/", views.survey_open, name="survey_open"),
    path("s/<str:key>/look.css", views.survey_look, name="survey_look"),
    path("s/<str:key>/i/<str:token>/", views.survey_personal, name="survey_personal"),
    path("s/<str:key>/i/<str:token>/d/", views.survey_decoy, name="survey_decoy"),
    path("s/<str:key>/r/<str:response>/", views.survey_response, name="survey_response"),
]
