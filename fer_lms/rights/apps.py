from django.apps import AppConfig


class RightsConfig(AppConfig):
    name = "fer_lms.rights"

    def ready(self) -> None:
        from fer_lms.rights import metrics

        metrics.register_collector()
