import uuid
from typing import cast

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET

from fer_lms.error_views import allow_any_frame, is_erased
from fer_lms.lessons.access import (
    get_learner_participant,
    get_member_session,
    get_participant_for_own_data,
    get_supporter_link,
    get_taught_lesson,
    is_enrolled,
    list_supporter_links,
    list_taught_courses,
    list_taught_lessons,
)
from fer_lms.lessons.actions import join_session
from fer_lms.lessons.content.markdown import render_cached
from fer_lms.lessons.models import Role
from fer_lms.lessons.queries import get_latest_participation, is_written
from fer_lms.people.models import User


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Redirect to the user's lessons, latest session or supported learners."""
    if isinstance(request.user, AnonymousUser):
        return redirect("demo:entry") if settings.DEMO else _render_no_lesson(request)
    if list_taught_lessons(user=request.user).exists():
        return redirect("lessons")
    participant = get_latest_participation(request.user)
    if participant is not None:
        return redirect("lesson", participant.session_id)
    if list_supporter_links(user=request.user).exists():
        return redirect("support")
    return _render_no_lesson(request)


def _render_no_lesson(request: HttpRequest) -> HttpResponse:
    """Show where lessons are opened, also in a frame whose session has ended."""
    template = "rights/account_deleted.html" if is_erased(request) else "lessons/home.html"
    return allow_any_frame(request, render(request, template))


@require_GET
@ensure_csrf_cookie
def lesson(request: HttpRequest, session_id: uuid.UUID) -> HttpResponse:
    """Show a student's lesson; opening it again after leaving rejoins the session."""
    participant = get_learner_participant(user=request.user, session_id=session_id)
    if participant.left_at is not None and participant.session.is_open:
        join_session(session=participant.session, user=participant.user, role=Role.STUDENT)
    session = participant.session
    if not is_written(session.lesson):  # nothing that a camera or a consent would be for
        return render(request, "lessons/unwritten.html", {"session": session})
    steps = [(step.title, render_cached(step.body)) for step in session.lesson.steps.all()]
    return render(request, "lessons/lesson.html", {"session": session, "steps": steps})


@require_GET
@never_cache
def lesson_closed(request: HttpRequest, session_id: uuid.UUID) -> HttpResponse:
    """Show that the session is closed: where a launch leads a student who did not take part."""
    session = get_member_session(user=request.user, session_id=session_id)
    has_participated = session.participants.filter(
        user=cast(User, request.user), role=Role.STUDENT
    ).exists()
    context = {"session": session, "has_participated": has_participated}
    return render(request, "lessons/closed.html", context)


@require_GET
@ensure_csrf_cookie
def my_page(request: HttpRequest, session_id: uuid.UUID) -> HttpResponse:
    """Show a student's own data, also after leaving the course."""
    participant = get_participant_for_own_data(user=request.user, session_id=session_id)
    context = {"session": participant.session, "enrolled": is_enrolled(participant)}
    return render(request, "lessons/me.html", context)


@require_GET
@ensure_csrf_cookie
def lesson_list(request: HttpRequest) -> HttpResponse:
    if isinstance(request.user, AnonymousUser):
        return redirect("home")
    has_supporter_links = list_supporter_links(user=request.user).exists()
    teaches = list_taught_courses(user=request.user).exists()
    context = {"has_supporter_links": has_supporter_links, "teaches": teaches}
    return render(request, "lessons/list.html", context)


@require_GET
@ensure_csrf_cookie
def lesson_page(request: HttpRequest, lesson_id: int, template: str) -> HttpResponse:
    """Show a page about a lesson to its teacher."""
    lesson = get_taught_lesson(user=request.user, lesson_id=lesson_id)
    return render(request, template, {"lesson": lesson})


@require_GET
@ensure_csrf_cookie
def profile(request: HttpRequest) -> HttpResponse:
    if isinstance(request.user, AnonymousUser):
        return redirect("home")
    has_supporter_links = list_supporter_links(user=request.user).exists()
    return render(request, "lessons/profile.html", {"has_supporter_links": has_supporter_links})


@require_GET
@never_cache
def supported_learners(request: HttpRequest) -> HttpResponse:
    """List the supported learners, without disclosing whether they share data."""
    if isinstance(request.user, AnonymousUser):
        return redirect("home")
    return render(
        request, "lessons/support.html", {"links": list_supporter_links(user=request.user)}
    )


@require_GET
@never_cache
@ensure_csrf_cookie
def supported_learner(request: HttpRequest, link_id: uuid.UUID) -> HttpResponse:
    """Show what a learner shares with the support person, if anything."""
    link = get_supporter_link(user=request.user, link_id=link_id)
    return render(request, "lessons/supported.html", {"link": link})
