from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from fer_lms.policy.queries import policy_that_promised, smallest_group
from fer_lms.policy.stored import stored_groups


@require_GET
def privacy(request: HttpRequest) -> HttpResponse:
    """Every stored field, why, and for how long."""
    policy = policy_that_promised()
    stored = stored_groups(kept_days=policy.kept_days, hints_kept_days=policy.hints_kept_days)
    context = {"stored": stored, "smallest_group": smallest_group(policy)}
    return render(request, "policy/privacy.html", context)
