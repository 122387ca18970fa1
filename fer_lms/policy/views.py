from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from fer_lms.policy.queries import retention_days, smallest_group
from fer_lms.policy.stored import stored_groups


@require_GET
def privacy(request: HttpRequest) -> HttpResponse:
    """Every stored field, why, and for how long."""
    stored = stored_groups(kept_days=retention_days())
    context = {"stored": stored, "smallest_group": smallest_group()}
    return render(request, "policy/privacy.html", context)
