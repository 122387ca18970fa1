from django.apps import AppConfig


class XapiConfig(AppConfig):
    name = "fer_lms.xapi"
    verbose_name = "xAPI"

    def ready(self) -> None:
        from fer_lms.xapi import checks  # noqa: F401 - registers them
