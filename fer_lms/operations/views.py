from collections.abc import Sequence

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from fer_lms.operations.checks import all_sections
from fer_lms.operations.findings import Section, count


@never_cache
@require_GET
def ready(request: HttpRequest) -> HttpResponse:
    """ "Ready for learners?": what `doctor` prints, for whoever may look at policies."""
    if not request.user.has_perm("policy.view_deploymentpolicy"):
        raise PermissionDenied
    sections = all_sections(open_models=False)
    context = admin.site.each_context(request) | {
        "title": gettext("Ready for learners?"),
        "sections": [section for section in sections if section.findings],
        "verdict": verdict(sections),
    }
    return TemplateResponse(request, "admin/ready.html", context)


def verdict(sections: Sequence[Section]) -> str:
    """The list in one sentence. It never says more than that nothing was found."""
    missing, warnings = count(sections, "missing"), count(sections, "warning")
    if settings.DEMO:
        return gettext("No: this is a demonstration, for adults on their own machine.")
    if missing:
        words = ngettext(
            "No: %(count)s thing that is needed is missing.",
            "No: %(count)s things that are needed are missing.",
            missing,
        )
        return words % {"count": missing}
    if warnings:
        words = ngettext(
            "Nothing that is needed is missing. Look at %(count)s thing first.",
            "Nothing that is needed is missing. Look at %(count)s things first.",
            warnings,
        )
        return words % {"count": warnings}
    return gettext(
        "The program finds nothing missing. What only a person can check stands at the end."
    )
