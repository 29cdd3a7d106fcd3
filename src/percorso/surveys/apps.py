from django.apps import AppConfig


class SurveysConfig(AppConfig):
    name = "percorso.surveys"
    label = "surveys"

    def ready(self) -> None:
        # Models cannot be imported before.
        from percorso.surveys import forgetting
        from percorso.surveys.inviting import hearing, naming

        forgetting.connect()
        hearing.connect()
        naming.connect()
