"""What authors write: lessons, steps, pictures. Values come from `document`, checked."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import F, Max

from fer_lms.lessons.content.document import HINT_LEVELS, Values
from fer_lms.lessons.content.pictures import Picture
from fer_lms.lessons.models import (
    Course,
    Lesson,
    Question,
    Step,
    StepHint,
    StepPicture,
)

FAR = 10_000
"""Steps that are being put in order stand beyond this position for a moment."""


class StepConflictError(Exception):
    """Somebody else has changed this step since it was read."""


class StepOrderError(ValueError):
    """The order names other steps than the lesson has."""


def create_lesson(*, course: Course, head: Mapping[str, Any]) -> Lesson:
    return Lesson.objects.create(course=course, **head)


def change_lesson(*, lesson: Lesson, head: Mapping[str, Any]) -> Lesson:
    for name, value in head.items():
        setattr(lesson, name, value)
    lesson.save(update_fields=list(head))
    return lesson


def delete_lesson(*, lesson: Lesson) -> None:
    """Only a lesson that was never held: what was stored in its sittings would go with it."""
    lesson.delete()


@transaction.atomic
def add_step(*, lesson: Lesson, content: Values) -> Step:
    Lesson.objects.select_for_update().get(pk=lesson.pk)  # two authors get two positions
    last = lesson.steps.aggregate(last=Max("position"))["last"] or 0
    step = Step.objects.create(lesson=lesson, position=last + 1, title=content["title"])
    return _write(step, content)


@transaction.atomic
def change_step(*, step: Step, content: Values, revision: int) -> Step:
    step = Step.objects.select_for_update().get(pk=step.pk)
    if step.revision != revision:
        raise StepConflictError
    return _write(step, content)


@transaction.atomic
def delete_step(*, step: Step) -> None:
    lesson, position = step.lesson, step.position
    step.delete()
    later = lesson.steps.filter(position__gt=position)
    later.update(position=F("position") + FAR)
    lesson.steps.filter(position__gt=FAR).update(position=F("position") - FAR - 1)


@transaction.atomic
def order_steps(*, lesson: Lesson, step_ids: Sequence[int]) -> None:
    steps = {step.pk: step for step in lesson.steps.select_for_update()}
    if sorted(steps) != sorted(step_ids):
        raise StepOrderError
    lesson.steps.update(position=F("position") + FAR)
    for position, step_id in enumerate(step_ids, start=1):
        Step.objects.filter(pk=step_id).update(position=position)


@transaction.atomic
def set_picture(*, step: Step, picture: Picture, alternative_text: str) -> StepPicture:
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


def describe_picture(*, step: Step, alternative_text: str) -> bool:
    """Another description of the same picture; false where the step has none."""
    pictures = StepPicture.objects.filter(step=step)
    return bool(pictures.update(alternative_text=alternative_text))


def remove_picture(*, step: Step) -> None:
    StepPicture.objects.filter(step=step).delete()


@transaction.atomic
def write_lesson(*, course: Course, document: Values, pictures: Mapping[str, Picture]) -> Lesson:
    """A whole lesson out of a file: all of it or nothing."""
    head = {name: document[name] for name in ("title", "summary", "minutes")}
    lesson = create_lesson(course=course, head=head)
    for content in document["steps"]:
        step = add_step(lesson=lesson, content=content)
        _write_picture(step, content["picture"], pictures)
    return lesson


@transaction.atomic
def rewrite_step(*, step: Step, content: Values, pictures: Mapping[str, Picture]) -> Step:
    """A step as a file has it, picture and all, in place of what it was."""
    _write_picture(step, content["picture"], pictures)
    return _write(step, content)


def _write_picture(step: Step, shown: Values | None, pictures: Mapping[str, Picture]) -> None:
    if shown is not None:
        picture, words = pictures[shown["file"]], shown["alternative_text"]
        set_picture(step=step, picture=picture, alternative_text=words)


def _write(step: Step, content: Values) -> Step:
    embed = content["embed"] or {"url": "", "title": ""}
    step.title, step.body, step.easy_body = content["title"], content["body"], content["easy_body"]
    step.embed_url, step.embed_title = embed["url"], embed["title"]
    step.revision += 1
    step.save()
    _write_question(step, content["question"])
    _write_hints(step, content["hints"])
    return step


def _write_question(step: Step, question: Values | None) -> None:
    if question is None:
        Question.objects.filter(step=step).delete()
    else:
        Question.objects.update_or_create(step=step, defaults=question)


def _write_hints(step: Step, hints: Sequence[Values]) -> None:
    """Rungs that stay keep their row: what points at a hint goes on pointing at it."""
    kept = [HINT_LEVELS[hint["rung"]] for hint in hints]
    step.hints.exclude(rung__in=kept).delete()
    for hint in hints:
        StepHint.objects.update_or_create(
            step=step,
            rung=HINT_LEVELS[hint["rung"]],
            defaults={name: hint[name] for name in ("text", "simple_text", "symbol")},
        )
