"""System check of the xAPI settings: an invalid one prevents the start."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from fer_lms.outbound import AddressRefused, parse_url


@register()
def check_record_store(
    app_configs: Sequence[AppConfig] | None = None, **_options: Any
) -> list[CheckMessage]:
    if not settings.XAPI_URL:
        return []
    problems: list[CheckMessage] = []
    try:
        parse_url(settings.XAPI_URL, local=settings.XAPI_LOCAL)
    except AddressRefused as error:
        problems.append(Error(f"FER_XAPI_URL cannot be used: {error.reason}.", id="xapi.E001"))
    if not settings.PUBLIC_URL:
        problems.append(
            Error("FER_XAPI_URL needs FER_PUBLIC_URL: statements name it.", id="xapi.E002")
        )
    if not (settings.XAPI_KEY and settings.XAPI_SECRET):
        problems.append(
            Error("FER_XAPI_URL needs FER_XAPI_KEY and FER_XAPI_SECRET.", id="xapi.E003")
        )
    return problems
