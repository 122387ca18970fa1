from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "fer_lms.demo"

    def ready(self) -> None:
        from fer_lms.demo import checks  # noqa: F401 - registers them
