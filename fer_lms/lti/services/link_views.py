"""The page of a link that opens no lesson: copied with its course, or its lesson was deleted."""

from enum import StrEnum
from typing import Any, cast

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_http_methods

from fer_lms.audit.actions import record_event
from fer_lms.lessons.access import RequestUser, list_member_courses, list_taught_courses
from fer_lms.lessons.content.copying import copy_lessons
from fer_lms.lessons.models import Course, Lesson
from fer_lms.lti.launch.links import MAX_LESSON_ID_DIGITS, find_lesson, set_lesson
from fer_lms.lti.launch.redirects import get_lesson_path
from fer_lms.lti.models import LtiResourceLink
from fer_lms.people.models import User
from fer_lms.rules.copying import RuleCopies, copy_rules, get_source_lessons


class LinkState(StrEnum):
    COPIED = "copied"
    DELETED = "deleted"


@require_http_methods(["GET", "POST"])
@never_cache
@ensure_csrf_cookie
def link_page(request: HttpRequest, link_id: int) -> HttpResponse:
    """Show students that there is nothing to open yet, and let a teacher decide what to open."""
    link = get_member_link(user=request.user, link_id=link_id)
    course = link.context.course
    teaches = list_taught_courses(user=request.user).filter(pk=course.pk).exists()
    if link.lesson is not None:
        return redirect(get_lesson_path(link.lesson) if teaches else "home")
    if request.method == "POST" and not teaches:
        raise Http404
    page: dict[str, Any] = {"link": link, "teaches": teaches, "state": get_link_state(link)}
    if not teaches:
        return render(request, "lti/link.html", page)
    if request.method == "POST":
        lesson, rules = _decide(request, link)
        if lesson is not None and rules.left_out:
            return _render_left_out(request, link, lesson, rules)
        if lesson is not None:
            return redirect(get_lesson_path(lesson))
        page["problem"] = gettext("Please choose a lesson from the list.")
    source = link.source_course
    page |= {
        "source": source,
        "source_lessons": source.lessons.count() if source else 0,
        "lessons": course.lessons.order_by("title", "pk"),
    }
    return render(request, "lti/link.html", page, status=400 if "problem" in page else 200)


def get_member_link(*, user: RequestUser, link_id: int) -> LtiResourceLink:
    """Return a link of a course where this user is enrolled. Raises Http404 otherwise."""
    links = LtiResourceLink.objects.select_related("context__course", "lesson", "source_course")
    courses = list_member_courses(user=user)
    link = links.filter(context__course__in=courses, pk=link_id).first()
    if link is None:
        raise Http404(gettext("There is no such activity for you."))
    return link


def get_link_state(link: LtiResourceLink) -> LinkState:
    if link.source_course is not None:
        return LinkState.COPIED
    if link.lesson_key is None:
        return LinkState.DELETED
    platform = link.context.deployment.platform_id
    elsewhere = Lesson.objects.filter(
        pk=link.lesson_key, course__lti_context__deployment__platform=platform
    )
    return LinkState.COPIED if elsewhere.exists() else LinkState.DELETED


@transaction.atomic
def _decide(request: HttpRequest, link: LtiResourceLink) -> tuple[Lesson | None, RuleCopies]:
    """Perform the teacher's decision; return the lesson, or None if none was chosen."""
    course = link.context.course
    action = request.POST.get("action")
    lesson: Lesson | None = None
    rules = RuleCopies()
    if action == "copy" and link.source_course is not None:
        lesson, rules = _copy(cast(User, request.user), link, link.source_course)
    elif action == "create":
        lesson = Lesson.objects.create(course=course, title=link.title or gettext("Lesson"))
    elif action == "select":
        value = request.POST.get("lesson", "")
        if value.isascii() and value.isdecimal() and len(value) <= MAX_LESSON_ID_DIGITS:
            lesson = course.lessons.filter(pk=int(value)).first()
    if lesson is not None:
        set_lesson(link=link, lesson=lesson)
    return lesson, rules


def _render_left_out(
    request: HttpRequest, link: LtiResourceLink, lesson: Lesson, rules: RuleCopies
) -> HttpResponse:
    """Show which rules were not copied.

    Their names may name students, so that only teachers of the old course see them.
    """
    taught = set(list_taught_courses(user=request.user).values_list("pk", flat=True))
    page = {
        "link": link,
        "lesson": lesson,
        "lesson_path": get_lesson_path(lesson),
        "rules": rules,
        "shows_names": link.source_course_id in taught,
    }
    return render(request, "lti/copied.html", page)


def _copy(teacher: User, link: LtiResourceLink, source: Course) -> tuple[Lesson | None, RuleCopies]:
    """Copy all lessons with their rules.

    Returns:
        The link's own lesson, by its key or, for links without one, by title; and the rules.
    """
    course = link.context.course
    copies = copy_lessons(source=source, target=course)
    rules = copy_rules(lessons=get_source_lessons(copies, source), user=teacher)
    record_event(
        actor=teacher,
        action="lti.lessons_copied",
        subject=course,
        details={"from": source.pk, "lessons": len(copies), "rules": len(rules.copied)},
    )
    lesson = find_lesson(course, link.lesson_key)
    if lesson is None:
        lesson = course.lessons.filter(title=link.title).order_by("-pk").first()
    if lesson is None and len(copies) == 1:
        lesson = copies[0]
    return lesson, rules
