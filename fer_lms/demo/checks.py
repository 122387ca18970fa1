"""The demonstration lets anyone on this machine in, so it never starts beside real people."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig, apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import DatabaseError

from fer_lms.people.models import User


@register(Tags.security)
def check_demo_isolation(
    app_configs: Sequence[AppConfig] | None = None, **_options: Any
) -> list[CheckMessage]:
    try:
        return _refusals() if settings.DEMO else _leftovers()
    except DatabaseError:
        return []  # no tables yet, therefore nobody in them


def _refusals() -> list[CheckMessage]:
    refusals: list[CheckMessage] = []
    if User.objects.filter(demo=False).exists():
        refusals.append(
            Error(
                "The demonstration does not start beside people who are not demo people.",
                hint="Unset FER_DEMO, or point FER_VAR_DIR or DATABASE_URL at an empty place.",
                id="demo.E001",
            )
        )
    if apps.is_installed("fer_lms.lti") and _platforms_exist():
        refusals.append(
            Error(
                "The demonstration does not start beside a registered LMS platform.",
                hint="Unset FER_DEMO, or use another database.",
                id="demo.E002",
            )
        )
    return refusals


def _platforms_exist() -> bool:
    platform = apps.get_app_config("lti").get_model("Platform")
    return platform._default_manager.exists()


def _leftovers() -> list[CheckMessage]:
    if not User.objects.filter(demo=True).exists():
        return []
    return [
        Warning(
            "This database holds people of the demonstration, one of them an administrator.",
            hint="Delete them, or start with an empty database.",
            id="demo.W001",
        )
    ]
