from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "fer_lms.people"

    def ready(self) -> None:
        from fer_lms.people.model_names import set_model_names

        set_model_names()
