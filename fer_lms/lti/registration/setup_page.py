"""What an administrator needs to see in order to connect an LMS, by its name."""

import json
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from fer_lms.lti.models import Platform
from fer_lms.lti.registration.description import Addresses, canvas_configuration
from fer_lms.lti.registration.platforms import lacks_page_origin


def own_addresses(request: HttpRequest) -> Addresses:
    """By the public address where one is set; otherwise as this administrator came."""
    return Addresses(settings.PUBLIC_URL or f"{request.scheme}://{request.get_host()}")


def setup_context(request: HttpRequest) -> dict[str, Any]:
    ours = own_addresses(request)
    platforms = Platform.objects.prefetch_related("deployments").order_by("active", "name", "pk")
    return {
        "ours": ours,
        "canvas_json": json.dumps(canvas_configuration(ours), indent=2),
        "platforms": platforms,
        "without_pages": {platform.pk for platform in platforms if lacks_page_origin(platform)},
    }
