"""A record store that is named wrongly stops the start; it never loses statements quietly."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from fer_lms.outbound import AddressRefused, checked_url


@register()
def record_store_is_well_named(
    app_configs: Sequence[AppConfig] | None = None, **_options: Any
) -> list[CheckMessage]:
    if not settings.XAPI_URL:
        return []
    found: list[CheckMessage] = []
    try:
        checked_url(settings.XAPI_URL, local=settings.XAPI_LOCAL)
    except AddressRefused as error:
        found.append(Error(f"FER_XAPI_URL cannot be used: {error.reason}.", id="xapi.E001"))
    if not settings.PUBLIC_URL:
        found.append(
            Error("FER_XAPI_URL needs FER_PUBLIC_URL: statements name it.", id="xapi.E002")
        )
    if not (settings.XAPI_KEY and settings.XAPI_SECRET):
        found.append(Error("FER_XAPI_URL needs FER_XAPI_KEY and FER_XAPI_SECRET.", id="xapi.E003"))
    return found
