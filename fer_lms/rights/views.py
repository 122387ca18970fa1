import json
from typing import Any

from django.contrib.auth import logout
from django.contrib.auth.models import AnonymousUser
from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from fer_lms.audit.actions import record_event
from fer_lms.error_views import ERASED_KEY, allow_any_frame
from fer_lms.people.models import User
from fer_lms.policy.queries import get_controller_details
from fer_lms.rights.actions import erase_person
from fer_lms.rights.export_page import build_export_sections
from fer_lms.rights.queries import collect_personal_data
from fer_lms.rights.retention import get_last_purge_at, list_retention_periods
from fer_lms.rights.sentences import build_accounts


@never_cache
@require_GET
def my_data(request: HttpRequest) -> HttpResponse:
    """Show everything stored about the signed-in person."""
    if isinstance(request.user, AnonymousUser):
        return redirect("home")
    return _render_my_data(request, request.user)


@never_cache
@require_GET
def my_data_file(request: HttpRequest, form: str) -> HttpResponse:
    """Download everything stored about the signed-in person."""
    if isinstance(request.user, AnonymousUser):
        return redirect("home")
    record_event(
        actor=request.user, action="person.exported", subject=request.user, details={"form": form}
    )
    return build_export_response(request.user, form)


@never_cache
@require_POST
def erase_me(request: HttpRequest) -> HttpResponse:
    """Erase the signed-in person after confirmation."""
    if isinstance(request.user, AnonymousUser):
        return redirect("home")
    if request.user.is_staff or request.POST.get("sure") != "yes":
        return _render_my_data(request, request.user, refused=True)
    result = erase_person(user=request.user, actor=request.user)
    logout(request)
    request.session[ERASED_KEY] = True  # the pages that "back" leads to explain it
    context = {"receipt": result.receipt, "erased_at": timezone.now()}
    return allow_any_frame(request, render(request, "rights/erased.html", context))


def _render_my_data(request: HttpRequest, user: User, *, refused: bool = False) -> HttpResponse:
    context = {"accounts": build_accounts(collect_personal_data(user)), "refused": refused}
    return render(request, "rights/my_data.html", context, status=400 if refused else 200)


@require_GET
def retention(request: HttpRequest) -> HttpResponse:
    """Show the retention periods."""
    context = {
        "retention_periods": list_retention_periods(),
        "last_purge_at": get_last_purge_at(),
        "controller_details": get_controller_details(),
    }
    return render(request, "rights/retention.html", context)


def build_export_response(user: User, form: str) -> HttpResponse:
    """Return a download: JSON, or a page where `form` is `page`."""
    data = collect_personal_data(user)
    name = f"fer-lms-{timezone.localdate():%Y-%m-%d}"
    if form == "json":
        text = json.dumps(data, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1)
        return _build_download(text, "application/json", f"{name}.json")
    context: dict[str, Any] = {
        "sections": build_export_sections(data),
        "made_at": timezone.now(),
        "person": user.display_name,
    }
    return _build_download(
        render_to_string("rights/export.html", context), "text/html", f"{name}.html"
    )


def _build_download(text: str, kind: str, name: str) -> HttpResponse:
    response = HttpResponse(text, content_type=f"{kind}; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
