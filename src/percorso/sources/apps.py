from django.apps import AppConfig


class SourcesConfig(AppConfig):
    name = "percorso.sources"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Models cannot be imported before.
        from percorso.sources import forgetting
        from percorso.sources.webhooks import forgetting as webhooks

        forgetting.connect()
        webhooks.connect()
