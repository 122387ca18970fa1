import uuid

from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_POST, require_safe

from fer_lms.demo.actions import (
    ensure_demo_lessons,
    ensure_open_session,
    ensure_person,
    get_student_session,
)
from fer_lms.demo.forms import NEW_SESSION, EntryForm, NameForm
from fer_lms.demo.support import ensure_demo_supporter
from fer_lms.lessons.actions import enter_as_student, join_session, start_session
from fer_lms.lessons.models import Lesson, LessonSession, Participant, Role
from fer_lms.people.models import User

AUTH_BACKEND = "django.contrib.auth.backends.ModelBackend"


@require_safe
@ensure_csrf_cookie
def entry_page(request: HttpRequest) -> HttpResponse:
    """Show the forms to enter as a student, teacher or support person."""
    lesson = ensure_demo_lessons()
    session = _find_session(request.GET.get("session", ""), lesson)
    return render(request, "demo/entry.html", {"lesson": session.lesson if session else lesson})


@require_POST
def enter(request: HttpRequest) -> JsonResponse:
    form = EntryForm(request.POST)
    if not form.is_valid():
        return _build_error_response(form)
    role = form.cleaned_data["role"]
    session = _get_session(form.cleaned_data["session"], role)
    if session is None:
        return _build_refusal(gettext("There is no such session."), "no_such_session", 404)
    participant = _enter_session(session, form.cleaned_data["name"], role)
    if participant is None:
        message = gettext("This lesson is closed. Enter as a teacher to start a new session.")
        return _build_refusal(message, "session_ended", 409)
    _log_in(request, participant.user)
    return JsonResponse({"participant_id": participant.pk, "session_id": session.pk, "role": role})


@require_POST
def enter_support(request: HttpRequest) -> JsonResponse:
    form = NameForm(request.POST)
    if not form.is_valid():
        return _build_error_response(form)
    link = ensure_demo_supporter(name=form.cleaned_data["name"], session=ensure_open_session())
    _log_in(request, link.supporter)
    return JsonResponse({"link_id": link.pk, "role": "support"})


def _log_in(request: HttpRequest, user: User) -> None:
    request.session.flush()  # a new session key at every entry
    login(request, user, backend=AUTH_BACKEND)


def _enter_session(session: LessonSession, name: str, role: str) -> Participant | None:
    person = ensure_person(name=name, role=role)
    if role == Role.STUDENT:
        return enter_as_student(session=session, user=person)
    return join_session(session=session, user=person, role=Role.TEACHER)


def _get_session(value: uuid.UUID | str, role: str) -> LessonSession | None:
    if value == "":
        return get_student_session() if role == Role.STUDENT else ensure_open_session()
    if value == NEW_SESSION:
        return start_session(lesson=ensure_demo_lessons())
    return _find_session(str(value), ensure_demo_lessons())


def _find_session(session_id: str, lesson: Lesson) -> LessonSession | None:
    """Find a session of any lesson of the demonstration's course."""
    try:
        pk = uuid.UUID(session_id)
    except ValueError:
        return None
    sessions = LessonSession.objects.select_related("lesson")
    return sessions.filter(pk=pk, lesson__course=lesson.course_id).first()


def _build_refusal(detail: str, reason: str, status: int) -> JsonResponse:
    return JsonResponse({"detail": detail, "reason": reason}, status=status)


def _build_error_response(form: NameForm) -> JsonResponse:
    errors = [error for field in form.errors.as_data().values() for error in field]
    detail = " ".join(message for error in errors for message in error.messages)
    status = 403 if errors[0].code == "role" else 400
    return _build_refusal(detail, errors[0].code or "invalid", status)
