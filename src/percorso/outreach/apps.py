from django.apps import AppConfig


class OutreachConfig(AppConfig):
    name = "percorso.outreach"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Models cannot be imported before.
        from percorso.outreach import forgetting

        forgetting.connect()
