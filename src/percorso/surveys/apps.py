from django.apps import AppConfig


class SurveysConfig(AppConfig):
    name = "percorso.surveys"
    label = "surveys"
