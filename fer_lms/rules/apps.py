from django.apps import AppConfig


class RulesConfig(AppConfig):
    name = "fer_lms.rules"

    def ready(self) -> None:
        from fer_lms.rules import checks  # noqa: F401 - registers itself
