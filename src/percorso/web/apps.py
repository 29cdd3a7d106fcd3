from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "percorso.web"

    def ready(self) -> None:
        # Loads what registers itself: jobs by their name.
        from importlib import import_module
        from importlib.util import find_spec

        for app in ("accounts", "customers", "outreach", "sources", "surveys", "insights", "engagement", "web"):
            if find_spec(f"percorso.{app}.jobs"):
                import_module(f"percorso.{app}.jobs")
