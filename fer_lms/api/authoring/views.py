"""REST endpoints for authors: lessons, their steps, pictures and files."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import HttpResponse, JsonResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from fer_lms.api.authoring.serializers import (
    AuthoredLessonSerializer,
    AuthoredPictureSerializer,
    AuthoredStepSerializer,
    CourseSerializer,
    CreatedLessonSerializer,
    HtmlSerializer,
    LessonUpdateSerializer,
    LessonUploadSerializer,
    MarkdownSerializer,
    PictureBaseSerializer,
    PictureDescriptionSerializer,
    PictureUploadSerializer,
    StepBaseSerializer,
    StepOrderSerializer,
    StepUpdateSerializer,
    represent_lesson,
    represent_picture,
    represent_step,
)
from fer_lms.api.errors import PROBLEMS, Conflict, EditConflict, ProblemSerializer
from fer_lms.api.idempotency import store_response
from fer_lms.api.parsers import BoundedJSONParser, UploadParser
from fer_lms.api.validation import validate_body, validate_query
from fer_lms.integrations.tokens import Scope
from fer_lms.lessons.access import (
    get_member_picture,
    get_taught_course,
    get_taught_lesson,
    get_taught_step,
    list_taught_courses,
)
from fer_lms.lessons.content import authoring
from fer_lms.lessons.content.document import (
    MAX_STEPS,
    LessonHeadDocumentSerializer,
    StepDocumentSerializer,
    format_length_error,
    format_pictures_error,
)
from fer_lms.lessons.content.markdown import render_html
from fer_lms.lessons.content.picture_process import PictureProcess
from fer_lms.lessons.content.pictures import PictureError
from fer_lms.lessons.content.transfer import (
    MAX_FILE_BYTES,
    LessonFileError,
    build_step_document,
    export_lesson,
    read_lesson_file,
)
from fer_lms.lessons.models import Lesson, Step, StepPicture
from fer_lms.lessons.queries import list_steps_with_content
from fer_lms.revisions import RevisionConflictError

RESPONSES = {400: ProblemSerializer, **PROBLEMS}


class CoursesView(APIView):
    token_scopes = {"GET": Scope.LESSONS}

    @extend_schema(responses={200: CourseSerializer(many=True), 403: ProblemSerializer})
    def get(self, request: Request) -> Response:
        """List the courses this person teaches."""
        return Response(CourseSerializer(list_taught_courses(user=request.user), many=True).data)


class CourseLessonsView(APIView):
    @extend_schema(
        request=LessonHeadDocumentSerializer, responses={201: CreatedLessonSerializer, **RESPONSES}
    )
    def post(self, request: Request, course_id: int) -> Response:
        """Create a lesson with one empty step."""
        course = get_taught_course(user=request.user, course_id=course_id)
        metadata = validate_body(LessonHeadDocumentSerializer, request)
        lesson = authoring.create_lesson(course=course, metadata=metadata)
        step = StepDocumentSerializer(data={"title": gettext("First step")})
        step.is_valid(raise_exception=True)
        authoring.add_step(lesson=lesson, content=step.validated_data)
        return Response({"id": lesson.pk, "notices": []}, status=201)


class LessonImportView(APIView):
    parser_classes = (UploadParser,)
    stores_response = True

    @extend_schema(
        request=LessonUploadSerializer, responses={201: CreatedLessonSerializer, **RESPONSES}
    )
    def post(self, request: Request, course_id: int) -> Response:
        """Import a lesson file completely, or not at all."""
        course = get_taught_course(user=request.user, course_id=course_id)
        file = _get_upload(request)
        try:
            lesson_file = read_lesson_file(file)
        except LessonFileError as error:
            raise ValidationError({"file": str(error)}) from error
        with transaction.atomic():
            try:
                lesson = authoring.import_lesson(
                    course=course, document=lesson_file.document, pictures=lesson_file.pictures
                )
            except authoring.PicturesTooLargeError as error:
                raise ValidationError({"file": format_pictures_error()}) from error
            created = {"id": lesson.pk, "notices": list(lesson_file.notices)}
            store_response(request, JsonResponse(created, status=201))
        return Response(created, status=201)


class LessonView(APIView):
    token_scopes = {"GET": Scope.LESSONS}

    @extend_schema(responses={200: AuthoredLessonSerializer, **RESPONSES})
    def get(self, request: Request, lesson_id: int) -> Response:
        """Return a lesson with its accepted answers."""
        lesson = get_taught_lesson(user=request.user, lesson_id=lesson_id)
        return Response(represent_lesson(lesson, embed_hosts=settings.EMBED_HOSTS))

    @extend_schema(
        request=LessonUpdateSerializer,
        responses={200: AuthoredLessonSerializer, 409: ProblemSerializer, **RESPONSES},
    )
    def put(self, request: Request, lesson_id: int) -> Response:
        """Change title, summary, length and language; 409 where `revision` is not current."""
        lesson = get_taught_lesson(user=request.user, lesson_id=lesson_id)
        metadata = dict(
            validate_body(LessonUpdateSerializer, request, authoring.get_metadata(lesson))
        )
        revision = metadata.pop("revision")
        try:
            lesson = authoring.change_lesson(lesson=lesson, metadata=metadata, revision=revision)
        except RevisionConflictError as error:
            lesson.refresh_from_db()
            raise EditConflict(
                gettext("Somebody else has changed title, summary or length meanwhile."),
                current=represent_lesson(lesson, embed_hosts=settings.EMBED_HOSTS),
            ) from error
        return Response(represent_lesson(lesson, embed_hosts=settings.EMBED_HOSTS))

    @extend_schema(responses={204: None, 409: ProblemSerializer, **RESPONSES})
    def delete(self, request: Request, lesson_id: int) -> Response:
        """Delete a lesson that has no sessions."""
        lesson = get_taught_lesson(user=request.user, lesson_id=lesson_id)
        if lesson.sessions.exists():
            raise Conflict(gettext("This lesson has sessions, so it cannot be deleted."))
        authoring.delete_lesson(lesson=lesson)
        return Response(status=204)


class LessonExportView(APIView):
    token_scopes = {"GET": Scope.LESSONS}

    @extend_schema(responses={(200, "application/zip"): OpenApiTypes.BINARY, **RESPONSES})
    def get(self, request: Request, lesson_id: int) -> HttpResponse:
        """Export the lesson with its pictures as one file."""
        lesson = get_taught_lesson(user=request.user, lesson_id=lesson_id)
        name = re.sub(r"[\W_]+", "-", lesson.title).strip("-").lower()[:80] or "lesson"
        response = HttpResponse(export_lesson(lesson), content_type="application/zip")
        response["Content-Disposition"] = content_disposition_header(True, f"{name}.lesson.zip")
        return response


class StepsView(APIView):
    @extend_schema(
        request=StepDocumentSerializer,
        responses={201: AuthoredStepSerializer, 409: ProblemSerializer, **RESPONSES},
    )
    def post(self, request: Request, lesson_id: int) -> Response:
        """Append a step."""
        lesson = get_taught_lesson(user=request.user, lesson_id=lesson_id)
        content = validate_body(StepDocumentSerializer, request)
        with _convert_limits():
            step = authoring.add_step(lesson=lesson, content=content)
        return Response(_represent_saved_step(lesson, step), status=201)

    @extend_schema(
        request=StepOrderSerializer, responses={204: None, 409: ProblemSerializer, **RESPONSES}
    )
    def put(self, request: Request, lesson_id: int) -> Response:
        """Set the order of the steps: the ids of all of them."""
        lesson = get_taught_lesson(user=request.user, lesson_id=lesson_id)
        order = validate_body(StepOrderSerializer, request)
        try:
            authoring.reorder_steps(lesson=lesson, step_ids=order["steps"], base=order["base"])
        except authoring.StepOrderError as error:
            raise EditConflict(
                gettext("Somebody else has changed the steps meanwhile."),
                current=represent_lesson(lesson, embed_hosts=settings.EMBED_HOSTS),
            ) from error
        return Response(status=204)


class StepView(APIView):
    @extend_schema(
        request=StepUpdateSerializer,
        responses={200: AuthoredStepSerializer, 409: ProblemSerializer, **RESPONSES},
    )
    def put(self, request: Request, step_id: int) -> Response:
        """Change a step; fields left out keep their value. 409 where `revision` is old."""
        step = get_taught_step(user=request.user, step_id=step_id)
        content = dict(validate_body(StepUpdateSerializer, request, build_step_document(step)))
        revision = content.pop("revision")
        try:
            with _convert_limits():
                authoring.change_step(step=step, content=content, revision=revision)
        except authoring.StepConflictError as error:
            raise EditConflict(
                format_step_conflict(),
                current=_represent_saved_step(step.lesson, step),
            ) from error
        return Response(_represent_saved_step(step.lesson, step))

    @extend_schema(
        parameters=[StepBaseSerializer],
        responses={204: None, 409: ProblemSerializer, **RESPONSES},
    )
    def delete(self, request: Request, step_id: int) -> Response:
        """Delete a step; 409 where `revision` is old."""
        step = get_taught_step(user=request.user, step_id=step_id)
        base = validate_query(StepBaseSerializer, request)
        try:
            authoring.delete_step(step=step, revision=base["revision"])
        except authoring.StepConflictError as error:
            raise EditConflict(
                format_step_conflict(),
                current=represent_lesson(step.lesson, embed_hosts=settings.EMBED_HOSTS),
            ) from error
        return Response(status=204)


class PictureView(APIView):
    parser_classes = (UploadParser, BoundedJSONParser)

    @extend_schema(responses={(200, "image/*"): OpenApiTypes.BINARY, **RESPONSES})
    def get(self, request: Request, step_id: int) -> HttpResponse:
        """Return the picture, for members of the course."""
        picture = get_member_picture(user=request.user, step_id=step_id)
        response = HttpResponse(bytes(picture.data), content_type=picture.media_type)
        response["Cache-Control"] = "private, max-age=86400"
        return response

    @extend_schema(
        request={"multipart/form-data": PictureUploadSerializer},
        responses={200: AuthoredPictureSerializer, 409: ProblemSerializer, **RESPONSES},
    )
    def put(self, request: Request, step_id: int) -> Response:
        """Store a picture and its alternative text; it is re-encoded without metadata.

        409 where `revision` is old.
        """
        step = get_taught_step(user=request.user, step_id=step_id)
        description = validate_body(PictureDescriptionSerializer, request)
        try:
            with PictureProcess() as process:
                picture = process.recode(_get_upload(request).read())
        except PictureError as error:
            raise ValidationError({"file": _format_picture_error(error)}) from error
        try:
            with _convert_picture_conflict(step):
                stored = authoring.set_picture(
                    step=step,
                    picture=picture,
                    alternative_text=description["alternative_text"],
                    base=description["revision"],
                )
        except authoring.PicturesTooLargeError as error:
            raise ValidationError({"file": format_pictures_error()}) from error
        return Response(represent_picture(stored))

    @extend_schema(
        request=PictureDescriptionSerializer,
        responses={
            200: AuthoredPictureSerializer,
            204: None,
            409: ProblemSerializer,
            **RESPONSES,
        },
    )
    def patch(self, request: Request, step_id: int) -> Response:
        """Change the alternative text of the picture; 204 without a picture.

        409 where `revision` is old.
        """
        step = get_taught_step(user=request.user, step_id=step_id)
        description = validate_body(PictureDescriptionSerializer, request)
        with _convert_picture_conflict(step):
            stored = authoring.set_alternative_text(
                step=step,
                alternative_text=description["alternative_text"],
                base=description["revision"],
            )
        return Response(represent_picture(stored)) if stored else Response(status=204)

    @extend_schema(
        parameters=[PictureBaseSerializer],
        responses={204: None, 409: ProblemSerializer, **RESPONSES},
    )
    def delete(self, request: Request, step_id: int) -> Response:
        """Remove the picture; 409 where `revision` is old."""
        step = get_taught_step(user=request.user, step_id=step_id)
        base = validate_query(PictureBaseSerializer, request)
        with _convert_picture_conflict(step):
            authoring.remove_picture(step=step, base=base["picture_revision"])
        return Response(status=204)


class MarkdownView(APIView):
    @extend_schema(request=MarkdownSerializer, responses={200: HtmlSerializer, **RESPONSES})
    def post(self, request: Request) -> Response:
        """Render Markdown as a step shows it."""
        markdown = validate_body(MarkdownSerializer, request)["markdown"]
        return Response({"html": render_html(markdown)})


@contextmanager
def _convert_picture_conflict(step: Step) -> Iterator[None]:
    try:
        yield
    except RevisionConflictError as error:
        stored = StepPicture.objects.filter(step=step).first()
        raise EditConflict(
            format_step_conflict(), current={"picture": represent_picture(stored)}
        ) from error


def format_step_conflict() -> str:
    return gettext("Somebody else has changed this step meanwhile.")


@contextmanager
def _convert_limits() -> Iterator[None]:
    try:
        yield
    except authoring.TooManyStepsError as error:
        message = gettext("A lesson has at most %(max)s steps.") % {"max": MAX_STEPS}
        raise Conflict(message) from error
    except authoring.LessonTooLongError as error:
        raise ValidationError({"body": [format_length_error()]}) from error


def _get_upload(request: Request) -> UploadedFile[Any]:
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile):
        raise ValidationError({"file": gettext("Choose a file.")})
    if (file.size or 0) > MAX_FILE_BYTES:  # before it is read into memory
        raise ValidationError({"file": gettext("The file is larger than 32 MB.")})
    return file


def _represent_saved_step(lesson: Lesson, step: Step) -> dict[str, Any]:
    return represent_step(list_steps_with_content(lesson).get(pk=step.pk))


def _format_picture_error(error: PictureError) -> str:
    if error.reason == "busy":
        return gettext("The service is busy. Try again in a moment.")
    if error.reason == "too_large":
        return gettext("The picture is larger than 8 MB or 40 million pixels.")
    return gettext("This file is not a picture. JPEG, PNG, WebP and GIF are accepted.")
