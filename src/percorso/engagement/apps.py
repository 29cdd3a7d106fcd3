from django.apps import AppConfig


class EngagementConfig(AppConfig):
    name = "percorso.engagement"
    label = "engagement"
