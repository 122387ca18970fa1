"""Changes by authors to lessons, steps and pictures; `document` has validated the JSON objects."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import F, Max, Sum
from django.db.models.functions import Length

from fer_lms.lessons.content.document import (
    HINT_LEVELS,
    MAX_LESSON_CHARACTERS,
    MAX_LESSON_PICTURE_BYTES,
    MAX_STEPS,
    JsonObject,
    count_characters,
)
from fer_lms.lessons.content.pictures import Picture
from fer_lms.lessons.models import (
    Course,
    Lesson,
    Question,
    Step,
    StepHint,
    StepPicture,
)
from fer_lms.revisions import RevisionConflictError, check_revision, compute_revision

METADATA = ("title", "summary", "minutes", "language")
IMPORT_ALLOWANCE_BYTES = 1024 * 1024
"""By which imported pictures may exceed the limit: a JPEG that is encoded anew can grow by some
bytes, and what was exported must be importable."""
POSITION_OFFSET = 10_000
NO_PICTURE = "none"
"""Revision of a step's picture where it has none."""
"""Added to positions while steps are renumbered, because positions are unique."""


class StepConflictError(Exception):
    """The stored revision is newer than the one that the author edited."""


class TooManyStepsError(Exception):
    """The lesson already has `MAX_STEPS` steps."""


class LessonTooLongError(Exception):
    """The texts of the lesson would exceed `MAX_LESSON_CHARACTERS`."""


class PicturesTooLargeError(Exception):
    """The pictures of the lesson would exceed `MAX_LESSON_PICTURE_BYTES`."""


class StepOrderError(ValueError):
    """The order does not list exactly the steps of the lesson."""


def create_lesson(*, course: Course, metadata: Mapping[str, Any]) -> Lesson:
    return Lesson.objects.create(course=course, **metadata)


def get_metadata(lesson: Lesson) -> JsonObject:
    """Return what authors save together, apart from the steps."""
    return {name: getattr(lesson, name) for name in METADATA}


@transaction.atomic
def change_lesson(
    *, lesson: Lesson, metadata: Mapping[str, Any], revision: str | None = None
) -> Lesson:
    """Change the given metadata.

    Raises:
        RevisionConflictError: `revision` is not that of the stored metadata.
    """
    lesson = Lesson.objects.select_for_update().get(pk=lesson.pk)
    check_revision(revision, get_metadata(lesson))
    for name, value in metadata.items():
        setattr(lesson, name, value)
    lesson.save(update_fields=list(metadata))
    return lesson


def delete_lesson(*, lesson: Lesson) -> None:
    """Delete a lesson; the caller checks that it has no sessions, which would be deleted too."""
    lesson.delete()


@transaction.atomic
def add_step(*, lesson: Lesson, content: JsonObject) -> Step:
    """Append a step.

    Raises:
        TooManyStepsError, LessonTooLongError: The lesson has reached its limits.
    """
    # Two authors who add a step at the same time must get two positions.
    Lesson.objects.select_for_update().get(pk=lesson.pk)
    if lesson.steps.count() >= MAX_STEPS:
        raise TooManyStepsError
    last = lesson.steps.aggregate(last=Max("position"))["last"] or 0
    step = Step.objects.create(lesson=lesson, position=last + 1, title=content["title"])
    return _write_step(step, content)


@transaction.atomic
def change_step(*, step: Step, content: JsonObject, revision: int) -> Step:
    """Replace the content of a step.

    Raises:
        StepConflictError: The stored revision differs from `revision`.
        LessonTooLongError: The lesson has reached its limit.
    """
    step = Step.objects.select_for_update().get(pk=step.pk)
    if step.revision != revision:
        raise StepConflictError
    return _write_step(step, content)


@transaction.atomic
def delete_step(*, step: Step, revision: int | None = None) -> None:
    """Delete a step.

    Args:
        revision: Of the step that the author saw; None: not checked.

    Raises:
        StepConflictError: The stored revision differs from `revision`.
    """
    step = Step.objects.select_for_update().get(pk=step.pk)
    if revision is not None and step.revision != revision:
        raise StepConflictError
    lesson, position = step.lesson, step.position
    step.delete()
    later = lesson.steps.filter(position__gt=position)
    later.update(position=F("position") + POSITION_OFFSET)
    moved = lesson.steps.filter(position__gt=POSITION_OFFSET)
    moved.update(position=F("position") - POSITION_OFFSET - 1)


@transaction.atomic
def reorder_steps(
    *, lesson: Lesson, step_ids: Sequence[int], base: Sequence[int] | None = None
) -> None:
    """Set the order of all steps.

    Args:
        base: The order that the author saw; None: not checked.

    Raises:
        StepOrderError: Steps were added, deleted or moved meanwhile.
    """
    steps = {step.pk: step for step in lesson.steps.select_for_update()}
    if sorted(steps) != sorted(step_ids):
        raise StepOrderError
    if base is not None and list(steps) != list(base):
        raise StepOrderError
    lesson.steps.update(position=F("position") + POSITION_OFFSET)
    for position, step_id in enumerate(step_ids, start=1):
        Step.objects.filter(pk=step_id).update(position=position)


@transaction.atomic
def set_picture(
    *,
    step: Step,
    picture: Picture,
    alternative_text: str,
    allowance_bytes: int = 0,
    base: str | None = None,
) -> StepPicture:
    """Store the picture of a step.

    Args:
        base: Revision of the picture that the author saw; None: not checked.

    Raises:
        PicturesTooLargeError: The exported lesson would be too large to be imported.
        RevisionConflictError: The stored picture or its text differs from `base`.
    """
    _lock_picture(step, base)
    others = StepPicture.objects.filter(step__lesson=step.lesson_id).exclude(step=step)
    size = others.aggregate(size=Sum(Length("data")))["size"] or 0
    if size + len(picture.data) > MAX_LESSON_PICTURE_BYTES + allowance_bytes:
        raise PicturesTooLargeError
    stored, _ = StepPicture.objects.update_or_create(
        step=step,
        defaults={
            "alternative_text": alternative_text,
            "media_type": picture.media_type,
            "width": picture.width,
            "height": picture.height,
            "sha256": picture.sha256,
            "data": picture.data,
        },
    )
    return stored


@transaction.atomic
def set_alternative_text(
    *, step: Step, alternative_text: str, base: str | None = None
) -> StepPicture | None:
    """Change the alternative text; return the picture, if the step has one.

    Raises:
        RevisionConflictError: The stored picture or its text differs from `base`.
    """
    _lock_picture(step, base)
    picture = StepPicture.objects.filter(step=step).first()
    if picture is not None:
        picture.alternative_text = alternative_text
        picture.save(update_fields=["alternative_text"])
    return picture


@transaction.atomic
def remove_picture(*, step: Step, base: str | None = None) -> None:
    """Remove the picture.

    Raises:
        RevisionConflictError: The stored picture or its text differs from `base`.
    """
    _lock_picture(step, base)
    StepPicture.objects.filter(step=step).delete()


def get_picture_revision(picture: StepPicture | None) -> str:
    """Return the revision of a picture with its alternative text."""
    if picture is None:
        return NO_PICTURE
    return compute_revision(
        {"sha256": picture.sha256, "alternative_text": picture.alternative_text}
    )


def _lock_picture(step: Step, base: str | None) -> None:
    """Lock the pictures of the lesson, and compare that of the step with the author's."""
    Lesson.objects.select_for_update().get(pk=step.lesson_id)
    if base and base != get_picture_revision(StepPicture.objects.filter(step=step).first()):
        raise RevisionConflictError


@transaction.atomic
def import_lesson(
    *, course: Course, document: JsonObject, pictures: Mapping[str, Picture]
) -> Lesson:
    """Create a lesson from a parsed lesson file."""
    metadata = {name: document[name] for name in METADATA}
    lesson = create_lesson(course=course, metadata=metadata)
    for content in document["steps"]:
        step = add_step(lesson=lesson, content=content)
        _import_picture(step, content["picture"], pictures)
    return lesson


@transaction.atomic
def import_step(*, step: Step, content: JsonObject, pictures: Mapping[str, Picture]) -> Step:
    """Replace a step, including its picture, by the content of a lesson file."""
    _import_picture(step, content["picture"], pictures)
    return _write_step(step, content)


def _import_picture(step: Step, source: JsonObject | None, pictures: Mapping[str, Picture]) -> None:
    if source is not None:
        set_picture(
            step=step,
            picture=pictures[source["file"]],
            alternative_text=source["alternative_text"],
            allowance_bytes=IMPORT_ALLOWANCE_BYTES,
        )


def _check_length(step: Step, content: JsonObject) -> None:
    others = step.lesson.steps.exclude(pk=step.pk)
    length = others.aggregate(n=Sum(Length("body") + Length("easy_body")))["n"] or 0
    added = count_characters(content)
    is_longer = added > len(step.body) + len(step.easy_body)
    if is_longer and length + added > MAX_LESSON_CHARACTERS:
        raise LessonTooLongError


def _write_step(step: Step, content: JsonObject) -> Step:
    _check_length(step, content)
    embed = content["embed"] or {"url": "", "title": ""}
    step.title, step.body, step.easy_body = content["title"], content["body"], content["easy_body"]
    step.embed_url, step.embed_title = embed["url"], embed["title"]
    step.revision += 1
    step.save()
    _write_question(step, content["question"])
    _write_hints(step, content["hints"])
    return step


def _write_question(step: Step, question: JsonObject | None) -> None:
    if question is None:
        Question.objects.filter(step=step).delete()
    else:
        Question.objects.update_or_create(step=step, defaults=question)


def _write_hints(step: Step, hints: Sequence[JsonObject]) -> None:
    """Update hint levels in place, so that foreign keys to them stay valid."""
    step.hints.exclude(level__in=[HINT_LEVELS[hint["level"]] for hint in hints]).delete()
    for hint in hints:
        StepHint.objects.update_or_create(
            step=step,
            level=HINT_LEVELS[hint["level"]],
            defaults={name: hint[name] for name in ("text", "simple_text", "symbol")},
        )
