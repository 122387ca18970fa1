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
from fer_lms.people.models import User
from fer_lms.policy.queries import get_controller_details
from fer_lms.rights.actions import erase_person
from fer_lms.rights.export_page import build_export_sections
from fer_lms.rights.queries import collect_personal_data
from fer_lms.rights.retention import last_purge_at, schedule


@never_cache
@require_GET
def my_data(request: HttpRequest) -> HttpResponse:
    """Everything held on who is signed in, to be read, saved, or deleted."""
    if isinstance(request.user, AnonymousUser):
        return redirect("home")
    held = build_export_sections(collect_personal_data(request.user))
    return render(request, "rights/my_data.html", {"held": held, "refused": False})


@never_cache
@require_GET
def my_data_file(request: HttpRequest, form: str) -> HttpResponse:
    """The same as a file: JSON for programs, a page for people."""
    if isinstance(request.user, AnonymousUser):
        return redirect("home")
    record_event(
        actor=request.user, action="person.exported", subject=request.user, details={"form": form}
    )
    return build_export_response(request.user, form)


@never_cache
@require_POST
def erase_me(request: HttpRequest) -> HttpResponse:
    """Deletes who is signed in, once they have said that they mean it."""
    if isinstance(request.user, AnonymousUser):
        return redirect("home")
    if request.user.is_staff or request.POST.get("sure") != "yes":
        held = build_export_sections(collect_personal_data(request.user))
        return render(request, "rights/my_data.html", {"held": held, "refused": True}, status=400)
    erased = erase_person(user=request.user, actor=request.user)
    logout(request)
    context = {"receipt": erased.receipt, "erased_at": timezone.now()}
    return render(request, "rights/erased.html", context)


@require_GET
def retention(request: HttpRequest) -> HttpResponse:
    """For how long what is kept, for everybody to read."""
    context = {
        "retention_periods": schedule(),
        "last_purge_at": last_purge_at(),
        "controller_details": get_controller_details(),
    }
    return render(request, "rights/retention.html", context)


def build_export_response(user: User, form: str) -> HttpResponse:
    found = collect_personal_data(user)
    name = f"fer-lms-{timezone.localdate():%Y-%m-%d}"
    if form == "json":
        text = json.dumps(found, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1)
        return _attached(text, "application/json", f"{name}.json")
    context: dict[str, Any] = {"held": build_export_sections(found), "made_at": timezone.now()}
    return _attached(render_to_string("rights/export.html", context), "text/html", f"{name}.html")


def _attached(text: str, kind: str, name: str) -> HttpResponse:
    response = HttpResponse(text, content_type=f"{kind}; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
