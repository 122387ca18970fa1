from django.apps import AppConfig


class LtiConfig(AppConfig):
    name = "fer_lms.lti"
    verbose_name = "LTI"
