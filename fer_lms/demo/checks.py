"""System checks that the demonstration, which has no passwords, has no real users."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import DatabaseError

from fer_lms.lti.models import Platform
from fer_lms.people.models import User


@register(Tags.security)
def check_demo_isolation(
    app_configs: Sequence[AppConfig] | None = None, **_options: Any
) -> list[CheckMessage]:
    try:
        return _check_demo_mode() if settings.DEMO else _check_leftover_users()
    except DatabaseError:
        return []  # before the first migration


def _check_demo_mode() -> list[CheckMessage]:
    errors: list[CheckMessage] = []
    if User.objects.filter(demo=False).exists():
        errors.append(
            Error(
                "The database contains users who do not belong to the demonstration.",
                hint="Unset FER_DEMO, or set FER_VAR_DIR or DATABASE_URL to an empty database.",
                id="demo.E001",
            )
        )
    if Platform.objects.exists():
        errors.append(
            Error(
                "The database contains a registered LMS platform.",
                hint="Unset FER_DEMO, or use another database.",
                id="demo.E002",
            )
        )
    return errors


def _check_leftover_users() -> list[CheckMessage]:
    if not User.objects.filter(demo=True).exists():
        return []
    return [
        Warning(
            "The database contains users of the demonstration, including an administrator.",
            hint="Delete them, or use an empty database.",
            id="demo.W001",
        )
    ]
