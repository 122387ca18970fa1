"""REST for authors: a teacher's lessons, their steps, pictures and files."""

import re
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.utils.translation import gettext
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from fer_lms.api.authoring_serializers import (
    ChangedStepShape,
    CourseShape,
    DescriptionShape,
    FileShape,
    HtmlShape,
    LessonSourceShape,
    LessonUploadShape,
    MarkdownShape,
    NewLessonShape,
    OrderShape,
    StepSourceShape,
    lesson_source,
    step_source,
)
from fer_lms.api.serializers import PictureShape, ProblemShape
from fer_lms.lessons.access import (
    get_member_picture,
    get_taught_course,
    get_taught_lesson,
    get_taught_step,
    list_taught_courses,
)
from fer_lms.lessons.content import authoring
from fer_lms.lessons.content.document import LessonHeadDocument, StepDocument
from fer_lms.lessons.content.markdown import render_html
from fer_lms.lessons.content.pictures import PictureError, reencode_picture
from fer_lms.lessons.content.transfer import (
    MAX_FILE_BYTES,
    LessonFileError,
    export_lesson,
    read_lesson_file,
)
from fer_lms.lessons.models import Lesson, Step
from fer_lms.lessons.queries import list_steps_with_content

PROBLEMS = {400: ProblemShape, 403: ProblemShape, 404: ProblemShape}


class Conflict(APIException):
    status_code = 409
    default_code = "conflict"


class CoursesView(APIView):
    @extend_schema(responses={200: CourseShape(many=True), 403: ProblemShape})
    def get(self, request: Request) -> Response:
        """The courses that this person teaches."""
        return Response(CourseShape(list_taught_courses(user=request.user), many=True).data)


class CourseLessonsView(APIView):
    @extend_schema(request=LessonHeadDocument, responses={201: NewLessonShape, **PROBLEMS})
    def post(self, request: Request, course_id: int) -> Response:
        """A new lesson, with one empty step to begin with."""
        course = get_taught_course(user=request.user, course_id=course_id)
        head = _valid(LessonHeadDocument(data=request.data))
        lesson = authoring.create_lesson(course=course, head=head)
        first = _valid(StepDocument(data={"title": gettext("First step")}))
        authoring.add_step(lesson=lesson, content=first)
        return Response({"id": lesson.pk, "notices": []}, status=201)


class LessonImportView(APIView):
    parser_classes = (MultiPartParser,)

    @extend_schema(request=LessonUploadShape, responses={201: NewLessonShape, **PROBLEMS})
    def post(self, request: Request, course_id: int) -> Response:
        """A lesson out of a file: the whole of it or nothing."""
        course = get_taught_course(user=request.user, course_id=course_id)
        file = _file(request)
        try:
            read = read_lesson_file(file.read())
        except LessonFileError as error:
            raise ValidationError({"file": str(error)}) from error
        lesson = authoring.write_lesson(
            course=course, document=read.document, pictures=read.pictures
        )
        return Response({"id": lesson.pk, "notices": list(read.notices)}, status=201)


class LessonView(APIView):
    @extend_schema(responses={200: LessonSourceShape, **PROBLEMS})
    def get(self, request: Request, lesson_id: int) -> Response:
        """A lesson as its author sees it, with what counts as right."""
        lesson = get_taught_lesson(user=request.user, lesson_id=lesson_id)
        return Response(lesson_source(lesson, embed_hosts=settings.EMBED_HOSTS))

    @extend_schema(request=LessonHeadDocument, responses={204: None, **PROBLEMS})
    def put(self, request: Request, lesson_id: int) -> Response:
        """Title, summary and length."""
        lesson = get_taught_lesson(user=request.user, lesson_id=lesson_id)
        authoring.change_lesson(lesson=lesson, head=_valid(LessonHeadDocument(data=request.data)))
        return Response(status=204)

    @extend_schema(responses={204: None, 409: ProblemShape, **PROBLEMS})
    def delete(self, request: Request, lesson_id: int) -> Response:
        """Deletes a lesson that was never held."""
        lesson = get_taught_lesson(user=request.user, lesson_id=lesson_id)
        if lesson.sessions.exists():
            raise Conflict(gettext("This lesson was held. Its sittings would go with it."))
        authoring.delete_lesson(lesson=lesson)
        return Response(status=204)


class LessonExportView(APIView):
    @extend_schema(responses={(200, "application/zip"): OpenApiTypes.BINARY, **PROBLEMS})
    def get(self, request: Request, lesson_id: int) -> HttpResponse:
        """The lesson as one file, with its pictures."""
        lesson = get_taught_lesson(user=request.user, lesson_id=lesson_id)
        name = re.sub(r"[^A-Za-z0-9]+", "-", lesson.title).strip("-").lower() or "lesson"
        answer = HttpResponse(export_lesson(lesson), content_type="application/zip")
        answer["Content-Disposition"] = f'attachment; filename="{name}.lesson.zip"'
        return answer


class StepsView(APIView):
    @extend_schema(request=StepDocument, responses={201: StepSourceShape, **PROBLEMS})
    def post(self, request: Request, lesson_id: int) -> Response:
        """A new step at the end."""
        lesson = get_taught_lesson(user=request.user, lesson_id=lesson_id)
        content = _valid(StepDocument(data=request.data))
        step = authoring.add_step(lesson=lesson, content=content)
        return Response(_source(lesson, step), status=201)

    @extend_schema(request=OrderShape, responses={204: None, 409: ProblemShape, **PROBLEMS})
    def put(self, request: Request, lesson_id: int) -> Response:
        """The order of the steps: all their ids, in it."""
        lesson = get_taught_lesson(user=request.user, lesson_id=lesson_id)
        order = _valid(OrderShape(data=request.data))
        try:
            authoring.order_steps(lesson=lesson, step_ids=order["steps"])
        except authoring.StepOrderError as error:
            raise Conflict(gettext("The steps have changed meanwhile. Open the page anew.")) from (
                error
            )
        return Response(status=204)


class StepView(APIView):
    @extend_schema(
        request=ChangedStepShape, responses={200: StepSourceShape, 409: ProblemShape, **PROBLEMS}
    )
    def put(self, request: Request, step_id: int) -> Response:
        """What a step says. `revision` is the one that was read."""
        step = get_taught_step(user=request.user, step_id=step_id)
        content = dict(_valid(ChangedStepShape(data=request.data)))
        revision = content.pop("revision")
        try:
            authoring.change_step(step=step, content=content, revision=revision)
        except authoring.StepConflictError as error:
            raise Conflict(
                gettext(
                    "Somebody else has changed this step meanwhile. Copy your text, open the "
                    "page anew and put it in again."
                )
            ) from error
        return Response(_source(step.lesson, step))

    @extend_schema(responses={204: None, **PROBLEMS})
    def delete(self, request: Request, step_id: int) -> Response:
        step = get_taught_step(user=request.user, step_id=step_id)
        authoring.delete_step(step=step)
        return Response(status=204)


class PictureView(APIView):
    parser_classes = (MultiPartParser, JSONParser)

    @extend_schema(responses={(200, "image/*"): OpenApiTypes.BINARY, **PROBLEMS})
    def get(self, request: Request, step_id: int) -> HttpResponse:
        """The picture, for whoever is in the course."""
        picture = get_member_picture(user=request.user, step_id=step_id)
        answer = HttpResponse(bytes(picture.data), content_type=picture.media_type)
        answer["Cache-Control"] = "private, max-age=86400"
        return answer

    @extend_schema(
        request={"multipart/form-data": FileShape},
        responses={200: PictureShape, **PROBLEMS},
    )
    def put(self, request: Request, step_id: int) -> Response:
        """A picture with its alternative text; it is written anew, without what cameras add."""
        step = get_taught_step(user=request.user, step_id=step_id)
        described = _valid(DescriptionShape(data=request.data))
        try:
            picture = reencode_picture(_file(request).read())
        except PictureError as error:
            raise ValidationError({"file": _picture_words(error)}) from error
        stored = authoring.set_picture(step=step, picture=picture, **described)
        return Response(PictureShape(stored).data)

    @extend_schema(request=DescriptionShape, responses={204: None, **PROBLEMS})
    def patch(self, request: Request, step_id: int) -> Response:
        """Another alternative text for the picture."""
        step = get_taught_step(user=request.user, step_id=step_id)
        authoring.describe_picture(step=step, **_valid(DescriptionShape(data=request.data)))
        return Response(status=204)

    @extend_schema(responses={204: None, **PROBLEMS})
    def delete(self, request: Request, step_id: int) -> Response:
        authoring.remove_picture(step=get_taught_step(user=request.user, step_id=step_id))
        return Response(status=204)


class MarkdownView(APIView):
    @extend_schema(request=MarkdownShape, responses={200: HtmlShape, **PROBLEMS})
    def post(self, request: Request) -> Response:
        """How Markdown will look in a step."""
        return Response({"html": render_html(_valid(MarkdownShape(data=request.data))["markdown"])})


def _valid(shape: Any) -> Any:
    shape.is_valid(raise_exception=True)
    return shape.validated_data


def _file(request: Request) -> UploadedFile[Any]:
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile):
        raise ValidationError({"file": gettext("Choose a file.")})
    if (file.size or 0) > MAX_FILE_BYTES:  # before it is read into memory
        raise ValidationError({"file": gettext("The file is larger than may be sent (32 MB).")})
    return file


def _source(lesson: Lesson, step: Step) -> dict[str, Any]:
    return step_source(list_steps_with_content(lesson).get(pk=step.pk))


def _picture_words(error: PictureError) -> str:
    if error.reason == "too_large":
        return gettext("The picture is larger than 8 MB or 40 million pixels.")
    return gettext("That is no picture. JPEG, PNG, WebP and GIF can be shown.")
