from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from fer_lms.policy.queries import disclosed_policy, get_min_group_size
from fer_lms.policy.stored import stored_groups


@require_GET
def privacy(request: HttpRequest) -> HttpResponse:
    """Every stored field, why, and for how long."""
    policy = disclosed_policy()
    stored = stored_groups(kept_days=policy.kept_days, hints_kept_days=policy.hints_kept_days)
    context = {"stored": stored, "smallest_group": get_min_group_size(policy)}
    return render(request, "policy/privacy.html", context)
