"""The shapes that authors of lessons see. What they send is checked by `lessons.document`."""

from typing import Any

from rest_framework import serializers

from fer_lms.api.serializers import PictureShape, Shape
from fer_lms.lessons.content.document import StepDocument
from fer_lms.lessons.content.transfer import build_step_document
from fer_lms.lessons.models import Lesson, Step
from fer_lms.lessons.queries import list_steps_with_content


class CourseShape(Shape):
    id = serializers.IntegerField()
    title = serializers.CharField()


class NewLessonShape(Shape):
    id = serializers.IntegerField()
    notices = serializers.ListField(child=serializers.CharField(), default=list)


class ChangedStepShape(StepDocument):
    revision = serializers.IntegerField(min_value=0)


class StepSourceShape(StepDocument):
    id = serializers.IntegerField()
    revision = serializers.IntegerField()
    picture = PictureShape(allow_null=True)


class LessonSourceShape(Shape):
    id = serializers.IntegerField()
    course = serializers.CharField()
    title = serializers.CharField()
    summary = serializers.CharField(allow_blank=True)
    minutes = serializers.IntegerField()
    held = serializers.BooleanField(help_text="was there a sitting of it?")
    embed_hosts = serializers.ListField(child=serializers.CharField())
    steps = StepSourceShape(many=True)


class OrderShape(Shape):
    steps = serializers.ListField(child=serializers.IntegerField())


class MarkdownShape(Shape):
    markdown = serializers.CharField(max_length=20_000, allow_blank=True)


class HtmlShape(Shape):
    html = serializers.CharField(allow_blank=True)


class FileShape(Shape):
    file = serializers.FileField()
    alternative_text = serializers.CharField(max_length=500)


class LessonUploadShape(Shape):
    file = serializers.FileField()


class DescriptionShape(Shape):
    alternative_text = serializers.CharField(max_length=500)


def lesson_source(lesson: Lesson, *, embed_hosts: list[str]) -> dict[str, Any]:
    return {
        "id": lesson.pk,
        "course": lesson.course.title,
        "title": lesson.title,
        "summary": lesson.summary,
        "minutes": lesson.minutes,
        "held": lesson.sessions.exists(),
        "embed_hosts": embed_hosts,
        "steps": [step_source(step) for step in list_steps_with_content(lesson)],
    }


def step_source(step: Step) -> dict[str, Any]:
    picture = PictureShape(step.picture).data if hasattr(step, "picture") else None
    own = {"id": step.pk, "revision": step.revision, "picture": picture}
    return build_step_document(step) | own
