"""Copies of the lessons of a course, such as for next year's course."""

from django.db import transaction

from fer_lms.lessons.content.authoring import get_metadata, import_lesson
from fer_lms.lessons.content.pictures import Picture
from fer_lms.lessons.content.transfer import build_step_document
from fer_lms.lessons.models import Course, Lesson, StepPicture
from fer_lms.lessons.queries import list_steps_with_content


@transaction.atomic
def copy_lessons(*, source: Course, target: Course) -> list[Lesson]:
    """Copy the lessons of a course that the other one has no copy of; without their sessions."""
    Course.objects.select_for_update().get(pk=target.pk)  # two teachers press the button at once
    present = set(target.lessons.values_list("origin_key", flat=True))
    lessons = source.lessons.order_by("pk")
    return [_copy(lesson, target) for lesson in lessons if get_origin_key(lesson) not in present]


def get_origin_key(lesson: Lesson) -> int:
    """Return the key of the lesson that this one was first copied from, or its own."""
    return lesson.origin_key or lesson.pk


def _copy(lesson: Lesson, target: Course) -> Lesson:
    steps, pictures = [], {}
    for step in list_steps_with_content(lesson, with_image_data=True):
        picture = None
        if hasattr(step, "picture"):
            name = str(step.position)
            pictures[name] = _read_picture(step.picture)
            picture = {"file": name, "alternative_text": step.picture.alternative_text}
        steps.append(build_step_document(step) | {"picture": picture})
    document = get_metadata(lesson) | {"steps": steps}
    copy = import_lesson(course=target, document=document, pictures=pictures)
    copy.engagement_preset, copy.origin_key = lesson.engagement_preset, get_origin_key(lesson)
    copy.save(update_fields=["engagement_preset", "origin_key"])
    return copy


def _read_picture(stored: StepPicture) -> Picture:
    return Picture(stored.media_type, stored.width, stored.height, bytes(stored.data))
