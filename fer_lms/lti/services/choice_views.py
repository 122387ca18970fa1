"""The page in the platform's dialog: pick a lesson, make one, or leave it."""

from collections.abc import Sequence
from typing import Any, cast

from django.db import transaction
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_http_methods

from fer_lms.lessons.content.authoring import create_lesson
from fer_lms.lessons.models import Lesson
from fer_lms.lti.launch.views import refusals_explained
from fer_lms.lti.models import DeepLinkRequest, origin_of
from fer_lms.lti.protocol.refusals import LaunchRefused, Refusal
from fer_lms.lti.registration.description import Addresses
from fer_lms.lti.services.choices import MOST_AT_ONCE, answer_choice, choice_for_teacher

LONGEST_TITLE = 200


@require_http_methods(["GET", "POST"])
@never_cache
@ensure_csrf_cookie
@refusals_explained
def deep_link(request: HttpRequest) -> HttpResponse:
    """Choose what a new link of the course leads to."""
    named = request.POST.get("request", "") or request.GET.get("request", "")
    choice = choice_for_teacher(user=request.user, request_id=named)
    if request.method == "GET":
        return _page(request, choice)
    wish = request.POST.get("wish")
    if wish == "leave":
        return _answer(request, choice, [])
    if wish == "make":
        return _make(request, choice)
    return _pick(request, choice)


def _pick(request: HttpRequest, choice: DeepLinkRequest) -> HttpResponse:
    """Only lessons of this course; the order is the page's."""
    wanted = [w for w in request.POST.getlist("lesson") if w.isascii() and w.isdecimal()]
    keys = [int(each) for each in wanted[:MOST_AT_ONCE] if len(each) <= 18]
    lessons = list(_lessons(choice).filter(pk__in=keys))
    if not lessons or len(lessons) != len(set(wanted)):
        return _page(request, choice, pick_problem=gettext("Please choose a lesson from the list."))
    if len(lessons) > 1 and not choice.accept_multiple:
        return _page(request, choice, pick_problem=gettext("Please choose one lesson only."))
    return _answer(request, choice, lessons)


def _make(request: HttpRequest, choice: DeepLinkRequest) -> HttpResponse:
    title = request.POST.get("title", "").strip()
    if not title or len(title) > LONGEST_TITLE or "\x00" in title:
        problem = gettext("Please give the lesson a title of up to 200 characters.")
        return _page(request, choice, make_problem=problem)
    with transaction.atomic():  # of two who answer at once, one makes a lesson
        lesson = create_lesson(course=choice.course, head={"title": title})
        return _answer(request, choice, [lesson])


def _page(request: HttpRequest, choice: DeepLinkRequest, **problems: Any) -> HttpResponse:
    context = {"choice": choice, "lessons": _lessons(choice)} | problems
    return render(request, "lti/choose.html", context, status=400 if problems else 200)


def _answer(
    request: HttpRequest, choice: DeepLinkRequest, lessons: Sequence[Lesson]
) -> HttpResponse:
    """A form that posts the signed answer; the page may post to that one place besides ours."""
    origin = origin_of(choice.return_url)
    if not origin:
        raise LaunchRefused(Refusal.MESSAGE, "return_malformed_url")
    ours = Addresses(f"{request.scheme}://{request.get_host()}")
    token = answer_choice(choice=choice, lessons=lessons, ours=ours)
    context = {"url": choice.return_url, "token": token, "lessons": lessons}
    response = render(request, "lti/chosen.html", context)
    cast(Any, response)._csp_update = {"form-action": [origin]}
    return response


def _lessons(choice: DeepLinkRequest) -> Any:
    lessons = Lesson.objects.filter(course=choice.course)
    return lessons.annotate(step_count=Count("steps")).order_by("title", "id")
