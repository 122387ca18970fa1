from collections.abc import Sequence
from typing import Any

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
from fer_lms.operations.model_pages import list_model_rows, render_card
from fer_lms.operations.status_figures import list_plots
from fer_lms.people.read_only import has_taught
from fer_lms.rights.retention import get_last_purge_at, is_purge_overdue, list_retention_periods


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
    unchecked = count_findings(sections, "unchecked") + count_findings(sections, "person")
    text = ngettext(
        "Nothing is missing, and %(count)s item is not checked yet.",
        "Nothing is missing, and %(count)s items are not checked yet.",
        unchecked,
    )
    return text % {"count": unchecked}


@never_cache
@require_GET
def status(request: HttpRequest) -> HttpResponse:
    """Show figures of the installation; refused to those who teach, as rows about learners are.

    The number of pictures would tell a teacher how many students share a camera.
    """
    may_view = request.user.has_perm("engagement.view_observationwindow")
    if not may_view or has_taught(request):
        raise PermissionDenied
    context = {"title": gettext("Status"), "plots": list_plots()}
    return _render(request, "admin/status.html", context)


@require_GET
def models(request: HttpRequest) -> HttpResponse:
    """List the networks, with their cards."""
    context = {"title": gettext("Models"), "models": list_model_rows(), "card": render_card()}
    return _render(request, "admin/models.html", context)


@never_cache
@require_GET
def admin_retention(request: HttpRequest) -> HttpResponse:
    """Show the retention periods in force and the last deletion run."""
    context = {
        "title": gettext("How long data is stored"),
        "periods": list_retention_periods(),
        "last_purge_at": get_last_purge_at(),
        "is_overdue": is_purge_overdue(),
    }
    return _render(request, "admin/retention.html", context)


def _render(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    return TemplateResponse(request, template, admin.site.each_context(request) | context)
