import uuid

from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_POST, require_safe

from fer_lms.demo.actions import ensure_lesson, ensure_open_session, enter_demo
from fer_lms.demo.entry import NEW, EntryForm, NameForm
from fer_lms.demo.support import enter_as_support
from fer_lms.lessons.actions import start_session
from fer_lms.lessons.models import Lesson, LessonSession

BACKEND = "django.contrib.auth.backends.ModelBackend"


@require_safe
@ensure_csrf_cookie
def door(request: HttpRequest) -> HttpResponse:
    """Choose a person and enter without an LMS."""
    lesson = ensure_lesson()
    asked = _asked_for(request.GET.get("session", ""), lesson)
    return render(request, "demo/door.html", {"lesson": asked.lesson if asked else lesson})


@require_POST
def enter(request: HttpRequest) -> JsonResponse:
    form = EntryForm(request.POST)
    if not form.is_valid():
        return _refusal(form)
    session = _session(form.cleaned_data["session"])
    if session is None:
        return JsonResponse(
            {"detail": gettext("There is no such lesson."), "reason": "no_such_session"}, status=404
        )
    role = form.cleaned_data["role"]
    participant = enter_demo(name=form.cleaned_data["name"], role=role, session=session)
    request.session.flush()  # whoever was here before, even oneself: a new key at every entry
    login(request, participant.user, backend=BACKEND)
    return JsonResponse({"participant_id": participant.pk, "session_id": session.pk, "role": role})


@require_POST
def enter_support(request: HttpRequest) -> JsonResponse:
    """Enter as the support person of a simulated learner."""
    form = NameForm(request.POST)
    if not form.is_valid():
        return _refusal(form)
    link = enter_as_support(name=form.cleaned_data["name"], session=ensure_open_session())
    request.session.flush()
    login(request, link.supporter, backend=BACKEND)
    return JsonResponse({"link_id": link.pk, "role": "support"})


def _session(wanted: uuid.UUID | str) -> LessonSession | None:
    if wanted == "":
        return ensure_open_session()
    if wanted == NEW:
        return start_session(lesson=ensure_lesson())
    return _asked_for(str(wanted), ensure_lesson())


def _asked_for(wanted: str, lesson: Lesson) -> LessonSession | None:
    """A sitting of any lesson of the demonstration's course, by its id."""
    try:
        pk = uuid.UUID(wanted)
    except ValueError:
        return None
    sittings = LessonSession.objects.select_related("lesson")
    return sittings.filter(pk=pk, lesson__course=lesson.course_id).first()


def _refusal(form: NameForm) -> JsonResponse:
    errors = [error for field in form.errors.as_data().values() for error in field]
    detail = " ".join(message for error in errors for message in error.messages)
    status = 403 if errors[0].code == "role" else 400
    return JsonResponse({"detail": detail, "reason": errors[0].code or "invalid"}, status=status)
