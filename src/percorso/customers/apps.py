from django.apps import AppConfig


class CustomersConfig(AppConfig):
    name = "percorso.customers"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Models cannot be imported before.
        from percorso.base import owner
        from percorso.customers.privacy import entry, own

        own.connect()
        owner.entering = entry.entering
