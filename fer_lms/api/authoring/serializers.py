"""Serializers for authors. Lesson content itself is validated by `lessons.content.document`."""

from typing import Any

from rest_framework import serializers

from fer_lms.api.sessions.serializers import StepPictureSerializer
from fer_lms.bounded_fields import BoundedIntegerField, BoundedListField, OneLineTextField
from fer_lms.lessons.content.authoring import get_metadata, get_picture_revision
from fer_lms.lessons.content.document import (
    MAX_STEPS,
    LessonHeadDocumentSerializer,
    StepDocumentSerializer,
)
from fer_lms.lessons.content.transfer import build_step_document
from fer_lms.lessons.models import Lesson, Step, StepPicture
from fer_lms.lessons.queries import list_steps_with_content
from fer_lms.revisions import compute_revision


class CourseSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    title = serializers.CharField()


class CreatedLessonSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    notices = serializers.ListField(child=serializers.CharField(), default=list)


class StepUpdateSerializer(StepDocumentSerializer):
    revision = BoundedIntegerField(min_value=0)


class AuthoredPictureSerializer(StepPictureSerializer):
    revision = serializers.SerializerMethodField()

    class Meta:
        model = StepPicture
        fields = ("url", "alternative_text", "width", "height", "revision")

    def get_revision(self, picture: StepPicture) -> str:
        return get_picture_revision(picture)


class AuthoredStepSerializer(StepDocumentSerializer):
    id = serializers.IntegerField()
    revision = serializers.IntegerField()
    picture = AuthoredPictureSerializer(allow_null=True)


class AuthoredLessonSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    course = serializers.CharField()
    title = serializers.CharField()
    summary = serializers.CharField(allow_blank=True)
    minutes = serializers.IntegerField()
    language = serializers.CharField(allow_blank=True)
    revision = serializers.CharField(help_text="of title, summary, minutes and language")
    held = serializers.BooleanField(help_text="whether the lesson has sessions")
    embed_hosts = serializers.ListField(child=serializers.CharField())
    steps = AuthoredStepSerializer(many=True)


class StepOrderSerializer(serializers.Serializer[Any]):
    steps = BoundedListField(child=BoundedIntegerField(), max_length=MAX_STEPS)
    base = BoundedListField(
        child=BoundedIntegerField(),
        max_length=MAX_STEPS,
        allow_null=True,
        default=None,
        help_text="the order that was shown; 409 where it is no longer the stored one",
    )


class LessonUpdateSerializer(LessonHeadDocumentSerializer):
    """Fields that are left out keep their value."""

    revision = serializers.CharField(
        max_length=16,
        allow_null=True,
        default=None,
        help_text="of the lesson that was shown; 409 where it is no longer the stored one",
    )


class MarkdownSerializer(serializers.Serializer[Any]):
    markdown = serializers.CharField(max_length=20_000, allow_blank=True)


class HtmlSerializer(serializers.Serializer[Any]):
    html = serializers.CharField(allow_blank=True)


PICTURE_REVISION_HELP = "of the picture that was shown, `none` without one; 409 where it changed"


class PictureUploadSerializer(serializers.Serializer[Any]):
    file = serializers.FileField()
    alternative_text = OneLineTextField(max_length=500)
    revision = serializers.CharField(
        max_length=16, allow_null=True, default=None, help_text=PICTURE_REVISION_HELP
    )


class LessonUploadSerializer(serializers.Serializer[Any]):
    file = serializers.FileField()


class PictureDescriptionSerializer(serializers.Serializer[Any]):
    alternative_text = OneLineTextField(max_length=500)
    revision = serializers.CharField(
        max_length=16, allow_null=True, default=None, help_text=PICTURE_REVISION_HELP
    )


class PictureBaseSerializer(serializers.Serializer[Any]):
    picture_revision = serializers.CharField(
        max_length=16, allow_null=True, default=None, help_text=PICTURE_REVISION_HELP
    )


class StepBaseSerializer(serializers.Serializer[Any]):
    revision = BoundedIntegerField(
        min_value=0,
        allow_null=True,
        default=None,
        help_text="of the step that was shown; 409 where it changed",
    )


def represent_lesson(lesson: Lesson, *, embed_hosts: list[str]) -> dict[str, Any]:
    return {
        "id": lesson.pk,
        "course": lesson.course.title,
        "title": lesson.title,
        "summary": lesson.summary,
        "minutes": lesson.minutes,
        "language": lesson.language,
        "revision": compute_revision(get_metadata(lesson)),
        "held": lesson.sessions.exists(),
        "embed_hosts": embed_hosts,
        "steps": [represent_step(step) for step in list_steps_with_content(lesson)],
    }


def represent_step(step: Step) -> dict[str, Any]:
    picture = represent_picture(getattr(step, "picture", None))
    stored = {"id": step.pk, "revision": step.revision, "picture": picture}
    return build_step_document(step) | stored


def represent_picture(picture: StepPicture | None) -> dict[str, Any] | None:
    return AuthoredPictureSerializer(picture).data if picture is not None else None
