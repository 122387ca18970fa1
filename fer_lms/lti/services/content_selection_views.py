"""The page in the platform's deep linking dialog: select a lesson, create one, or cancel."""

from collections.abc import Sequence
from typing import Any, cast

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_http_methods

from fer_lms.display_text import clean_text
from fer_lms.lessons.content.authoring import create_lesson, import_lesson
from fer_lms.lessons.content.transfer import LessonFileError, read_lesson_file
from fer_lms.lessons.models import Lesson
from fer_lms.lti.launch.links import MAX_LESSON_ID_DIGITS
from fer_lms.lti.launch.views import get_own_origin, render_lti_errors
from fer_lms.lti.models import DeepLinkRequest, parse_origin
from fer_lms.lti.protocol.errors import ErrorKind, LtiError
from fer_lms.lti.registration.tool_configuration import ToolUrls
from fer_lms.lti.services.content_selection import (
    MAX_CONTENT_ITEMS,
    complete_deep_link_request,
    get_open_request,
)

MAX_TITLE_LENGTH = 200


@require_http_methods(["GET", "POST"])
@never_cache
@ensure_csrf_cookie
@render_lti_errors
def deep_link(request: HttpRequest) -> HttpResponse:
    """Show the lessons of the course, or respond to the platform with the teacher's selection."""
    request_id = request.POST.get("request", "") or request.GET.get("request", "")
    link_request = get_open_request(user=request.user, request_id=request_id)
    if request.method == "GET":
        return _render_page(request, link_request)
    action = request.POST.get("action")
    if action == "cancel":
        return _respond(request, link_request, [])
    if action == "create":
        return _create(request, link_request)
    if action == "import":
        return _import(request, link_request)
    return _select(request, link_request)


def _select(request: HttpRequest, link_request: DeepLinkRequest) -> HttpResponse:
    values = [v for v in request.POST.getlist("lesson") if v.isascii() and v.isdecimal()]
    keys = [
        int(value) for value in values[:MAX_CONTENT_ITEMS] if len(value) <= MAX_LESSON_ID_DIGITS
    ]
    lessons = list(_list_lessons(link_request).filter(pk__in=keys))
    if not lessons or len(lessons) != len(set(values)):
        problem = gettext("Please choose a lesson from the list.")
        return _render_page(request, link_request, select_problem=problem)
    if len(lessons) > 1 and not link_request.accept_multiple:
        problem = gettext("Please choose one lesson only.")
        return _render_page(request, link_request, select_problem=problem)
    return _respond(request, link_request, lessons)


def _create(request: HttpRequest, link_request: DeepLinkRequest) -> HttpResponse:
    title = clean_text(request.POST.get("title", ""), MAX_TITLE_LENGTH + 1)
    if not title or len(title) > MAX_TITLE_LENGTH:
        problem = gettext("Please give the lesson a title of up to 200 characters.")
        return _render_page(request, link_request, create_problem=problem)
    with transaction.atomic():  # if the request was answered meanwhile, no lesson is created
        lesson = create_lesson(course=link_request.course, metadata={"title": title})
        return _respond(request, link_request, [lesson])


def _import(request: HttpRequest, link_request: DeepLinkRequest) -> HttpResponse:
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile):
        return _render_page(request, link_request, import_problem=gettext("Choose a file first."))
    try:
        lesson_file = read_lesson_file(file)
    except LessonFileError as error:
        return _render_page(request, link_request, import_problem=str(error))
    with transaction.atomic():  # if the request was answered meanwhile, no lesson is created
        lesson = import_lesson(
            course=link_request.course, document=lesson_file.document, pictures=lesson_file.pictures
        )
        return _respond(request, link_request, [lesson], notices=lesson_file.notices)


def _render_page(
    request: HttpRequest, link_request: DeepLinkRequest, **problems: Any
) -> HttpResponse:
    context = {"link_request": link_request, "lessons": _list_lessons(link_request)} | problems
    return render(request, "lti/select_content.html", context, status=400 if problems else 200)


def _respond(
    request: HttpRequest,
    link_request: DeepLinkRequest,
    lessons: Sequence[Lesson],
    notices: Sequence[str] = (),
) -> HttpResponse:
    """Render a form that posts the response; the CSP permits posting to the platform."""
    origin = parse_origin(link_request.return_url)
    if not origin:
        raise LtiError(ErrorKind.INVALID_MESSAGE, "return_malformed_url")
    urls = ToolUrls(get_own_origin(request))
    token = complete_deep_link_request(request=link_request, lessons=lessons, urls=urls)
    context = {"url": link_request.return_url, "token": token, "lessons": lessons}
    context["notices"] = notices
    response = render(request, "lti/deep_linking_response.html", context)
    cast(Any, response)._csp_update = {"form-action": [origin]}
    return response


def _list_lessons(link_request: DeepLinkRequest) -> Any:
    lessons = Lesson.objects.filter(course=link_request.course)
    return lessons.annotate(step_count=Count("steps")).order_by("title", "id")
