from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "percorso.accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from percorso.accounts import watching

        watching.connect()
