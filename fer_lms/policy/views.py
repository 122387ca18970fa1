from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from fer_lms.policy.queries import get_disclosed_policy, get_min_group_size
from fer_lms.policy.requirements import RETENTION_FIELDS
from fer_lms.xapi.queries import get_privacy_text


@require_GET
def privacy(request: HttpRequest) -> HttpResponse:
    """Render what is stored about people, why, and for how long."""
    policy = get_disclosed_policy()
    retention = {name: _format_days(getattr(policy, name)) for name in RETENTION_FIELDS}
    context = {"smallest_group": get_min_group_size(policy), "xapi_text": get_privacy_text()}
    return render(request, "policy/privacy.html", retention | context)


def _format_days(days: int) -> str:
    return ngettext("%(days)s day", "%(days)s days", days) % {"days": days}
