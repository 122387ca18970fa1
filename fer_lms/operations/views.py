from collections.abc import Sequence

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from fer_lms.operations.checks import run_checks
from fer_lms.operations.findings import Section, count_findings


@never_cache
@require_GET
def ready(request: HttpRequest) -> HttpResponse:
    """Show "Ready for learners?", the findings of `doctor`, to users who may view policies."""
    if not request.user.has_perm("policy.view_deploymentpolicy"):
        raise PermissionDenied
    sections = run_checks(open_models=False)
    context = admin.site.each_context(request) | {
        "title": gettext("Ready for learners?"),
        "sections": [section for section in sections if section.findings],
        "verdict": format_verdict(sections),
    }
    return TemplateResponse(request, "admin/ready.html", context)


def format_verdict(sections: Sequence[Section]) -> str:
    """Summarise the findings in one sentence."""
    missing, warnings = count_findings(sections, "missing"), count_findings(sections, "warning")
    if settings.DEMO:
        return gettext("No: this is a demonstration, for adults on their own machine.")
    if missing:
        text = ngettext(
            "No: %(count)s required item is missing.",
            "No: %(count)s required items are missing.",
            missing,
        )
        return text % {"count": missing}
    if warnings:
        text = ngettext(
            "Nothing required is missing. Check %(count)s warning first.",
            "Nothing required is missing. Check %(count)s warnings first.",
            warnings,
        )
        return text % {"count": warnings}
    return gettext("Nothing is missing. The list ends with what only a person can check.")
