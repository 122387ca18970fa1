"""Whatever the editor accepts can be exported, imported and exported again without a change."""

import io
import json
import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from fer_lms.bounded_fields import MAX_INPUT_LENGTH
from fer_lms.display_text import clean_text
from fer_lms.lessons.content import authoring
from fer_lms.lessons.content.authoring import import_lesson, set_picture
from fer_lms.lessons.content.document import (
    HINT_LEVELS,
    MAX_BODY_LENGTH,
    MAX_CHOICES,
    MAX_HINT_LENGTH,
    MAX_LESSON_CHARACTERS,
    MAX_STEPS,
)
from fer_lms.lessons.content.pictures import Picture, recode_picture
from fer_lms.lessons.content.transfer import (
    MAX_JSON_BYTES,
    build_step_document,
    export_lesson,
    parse_lesson,
    read_lesson_file,
)
from fer_lms.lessons.models import Course, Lesson, StepHint
from tests.lessons.pictures import photograph

pytestmark = pytest.mark.django_db
HEAD = {"format": "fer-lms.lesson", "version": 1}
PICTURE = recode_picture(photograph())

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
filled = texts.filter(lambda text: text.strip() != "")
titles = texts.filter(lambda text: clean_text(text, MAX_INPUT_LENGTH) != "")
numbers = st.floats(allow_nan=False, allow_infinity=False)
choice_lists = st.lists(
    st.fixed_dictionaries({"text": filled, "right": st.booleans()}),
    min_size=2,
    max_size=MAX_CHOICES,
).filter(lambda choices: any(choice["right"] for choice in choices))
feedback = {"prompt": filled, "when_right": texts, "when_wrong": texts}
questions = st.one_of(
    st.none(),
    st.fixed_dictionaries(feedback | {"kind": st.just("choice"), "choices": choice_lists}),
    st.fixed_dictionaries(
        feedback | {"kind": st.just("text"), "accepted": st.lists(filled, min_size=1, max_size=5)}
    ),
    st.fixed_dictionaries(
        feedback
        | {
            "kind": st.just("number"),
            "number": numbers,
            "tolerance": st.floats(min_value=0, allow_nan=False, allow_infinity=False),
        }
    ),
)
hints = st.lists(
    st.fixed_dictionaries(
        {
            "level": st.sampled_from(sorted(HINT_LEVELS)),
            "text": filled,
            "simple_text": texts,
            "symbol": st.sampled_from(["", *StepHint.Symbol.values]),
        }
    ),
    max_size=3,
    unique_by=lambda hint: hint["level"],
)
embeds = st.one_of(
    st.none(),
    st.fixed_dictionaries({"url": st.just("https://youtu.be/abcdefghijk?t=9"), "title": titles}),
)
steps = st.fixed_dictionaries(
    {
        "title": titles,
        "body": texts,
        "easy_body": texts,
        "embed": embeds,
        "question": questions,
        "hints": hints,
    }
)
lessons = st.fixed_dictionaries(
    {
        "title": titles,
        "summary": texts,
        "minutes": st.integers(1, 600),
        "language": st.sampled_from(["", "de", "ar", "zh-Hant-TW"]),
        "steps": st.lists(steps, max_size=4),
    }
)


def read(document: dict[str, Any]) -> Lesson:
    parsed = parse_lesson(json.dumps(HEAD | document).encode(), {})
    course = Course.objects.create(title="Course")
    return import_lesson(course=course, document=parsed.document, pictures={})


def take(data: bytes) -> Lesson:
    parsed = read_lesson_file(io.BytesIO(data))
    course = Course.objects.create(title="Course")
    return import_lesson(course=course, document=parsed.document, pictures=parsed.pictures)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(document=lessons)
def test_round_trip(document: dict[str, Any]) -> None:
    lesson = read(document)
    exported = export_lesson(lesson)
    again = take(exported)
    assert export_lesson(again) == exported
    stored, copied = ([build_step_document(s) for s in x.steps.all()] for x in (lesson, again))
    assert copied == stored
    assert (again.title, again.language) == (lesson.title, lesson.language)


def test_lesson_at_every_limit_can_be_imported() -> None:
    """The longest texts, in characters that JSON escapes, and the largest number of steps."""
    wide = "\x01"
    step = {
        "title": "t" + wide * 198 + "t",
        "body": "b" * (MAX_LESSON_CHARACTERS // MAX_STEPS),
        "question": {
            "kind": "text",
            "prompt": "p" + wide * 498 + "p",
            "accepted": ["a" + wide * 198 + str(number % 10) for number in range(20)],
            "when_right": "r" + wide * 498 + "r",
            "when_wrong": "w" + wide * 498 + "w",
        },
        "hints": [
            {
                "level": level,
                "text": "h" + wide * (MAX_HINT_LENGTH - 2) + "h",
                "simple_text": "s" + wide * (MAX_HINT_LENGTH - 2) + "s",
            }
            for level in HINT_LEVELS
        ],
    }
    assert MAX_BODY_LENGTH * MAX_STEPS > MAX_LESSON_CHARACTERS
    exported = export_lesson(read({"title": "Long", "steps": [step] * MAX_STEPS}))
    assert take(exported).steps.count() == MAX_STEPS


def test_pictures_at_their_limit_can_be_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(authoring, "MAX_LESSON_PICTURE_BYTES", 3 * len(PICTURE.data))
    lesson = read({"title": "Pictures", "steps": [{"title": str(n)} for n in range(4)]})
    first, *others = lesson.steps.all()
    for step in (first, *others[:2]):
        set_picture(step=step, picture=PICTURE, alternative_text="A bar")
    set_picture(step=first, picture=PICTURE, alternative_text="Replaced")
    with pytest.raises(authoring.PicturesTooLargeError):
        set_picture(step=others[2], picture=PICTURE, alternative_text="One too many")
    assert export_lesson(take(export_lesson(lesson))) == export_lesson(lesson)


def test_pictures_that_grow_when_encoded_anew_can_be_imported(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = io.BytesIO()
    noise = Image.frombytes("RGB", (64, 64), random.Random(1).randbytes(64 * 64 * 3))
    noise.save(file, "JPEG", quality=50, optimize=True)
    picture = Picture("image/jpeg", 64, 64, file.getvalue())
    assert len(recode_picture(picture.data).data) > len(picture.data)
    monkeypatch.setattr(authoring, "MAX_LESSON_PICTURE_BYTES", 2 * len(picture.data))
    lesson = read({"title": "Pictures", "steps": [{"title": str(n)} for n in range(2)]})
    for step in lesson.steps.all():
        set_picture(step=step, picture=picture, alternative_text="A bar")
    exported = export_lesson(lesson)
    for _ in range(3):
        exported = export_lesson(take(exported))


@pytest.mark.parametrize(
    "title",
    [
        "\U0001f469\u200d\U0001f3eb \U0001fae8",
        "\u0643\u0633\u0648\u0631 (1/2)",
        "\u05e9\u05d1\u05e8\u05d9\u05dd",
        "\u4e2d\u6587\u8bfe",
        "../../etc/passwd",
        'a"b;c\\d',
        "CON",
        "t" * 200,
        "\U0001f600" * 200,
    ],
)
def test_titles_survive_and_name_a_file(title: str) -> None:
    lesson = read({"title": title, "steps": [{"title": title}]})
    again = take(export_lesson(lesson))
    assert (again.title, again.steps.get().title) == (title, title)


def test_limits_leave_room_for_the_file() -> None:
    assert isinstance(PICTURE, Picture)
    assert MAX_JSON_BYTES > 6 * (MAX_LESSON_CHARACTERS + MAX_STEPS * 6 * MAX_HINT_LENGTH)
