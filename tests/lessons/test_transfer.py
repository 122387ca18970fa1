"""Import and export of lesson files."""

import io
import json
import zipfile
from typing import Any

import pytest

from fer_lms.lessons.content.authoring import import_lesson, set_picture
from fer_lms.lessons.content.pictures import recode_picture
from fer_lms.lessons.content.transfer import (
    MAX_JSON_BYTES,
    LessonFileError,
    export_lesson,
    read_lesson_file,
)
from fer_lms.lessons.models import Course, Lesson
from tests.lessons.pictures import photograph

pytestmark = pytest.mark.django_db

STEP: dict[str, Any] = {
    "title": "Halves",
    "body": "**What** is a half?",
    "easy_body": "Half.",
    "question": {
        "kind": "choice",
        "prompt": "Which is more?",
        "choices": [{"text": "1/2", "right": True}, {"text": "1/3"}],
    },
    "hints": [{"level": "nudge", "text": "Draw it.", "symbol": "draw"}],
}
DOCUMENT: dict[str, Any] = {
    "format": "fer-lms.lesson",
    "version": 1,
    "title": "Fractions",
    "steps": [STEP],
}


def as_json(**changes: Any) -> bytes:
    return json.dumps(DOCUMENT | changes).encode()


def as_zip(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file.getvalue()


def with_picture(file: str = "pictures/bar.jpg") -> bytes:
    step = STEP | {"picture": {"file": file, "alternative_text": "A bar"}}
    return as_json(steps=[step])


def take(data: bytes) -> Lesson:
    read = read_lesson_file(io.BytesIO(data))
    course = Course.objects.create(title="Course")
    return import_lesson(course=course, document=read.document, pictures=read.pictures)


def test_export_and_import_round_trip() -> None:
    lesson = take(as_json(steps=[STEP, STEP | {"question": None, "hints": []}]))
    step = lesson.steps.get(position=1)
    set_picture(step=step, picture=recode_picture(photograph()), alternative_text="A bar")
    first = export_lesson(lesson)
    again = export_lesson(take(first))
    assert _document(again) == _document(first)
    assert _document(first)["steps"][0]["picture"]["alternative_text"] == "A bar"


def test_script_is_imported_with_notice() -> None:
    step = STEP | {"body": "<script>alert(1)</script>"}
    read = read_lesson_file(io.BytesIO(as_json(steps=[STEP, step])))
    assert read.notices == ("Step 2 contains HTML or a script. Learners see it as plain text.",)


NO_RIGHT_CHOICE = STEP["question"] | {"choices": [{"text": "a"}, {"text": "b"}]}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "not valid JSON"),
        (b"\xff\xfe", "not valid JSON"),
        (b"[" * 100_000, "not valid JSON"),
        (b"[]", "dictionary"),
        (b'{"minutes": NaN}', "not valid JSON"),
        (b"PK broken", "damaged"),
        (as_json(format="other"), "not an fer-lms lesson file"),
        (as_json(version=2), "version 2"),
        (as_json(steps=[{"body": "no title"}]), "steps 1, title"),
        (as_json(steps=[STEP | {"question": NO_RIGHT_CHOICE}]), "at least one choice as right"),
        (as_json(steps=[STEP | {"hints": STEP["hints"] * 2}]), "kind of hint only once"),
        (as_json(steps=[STEP] * 101), "no more than 100"),
        (
            as_json(steps=[STEP | {"embed": {"url": "https://evil.example/", "title": "x"}}]),
            "evil.example cannot be shown",
        ),
        (as_zip({"other.json": b"{}"}), "no lesson.json"),
        (as_zip({"lesson.json": as_json(), "run.js": b"alert(1)"}), "run.js"),
        (as_zip({"lesson.json": as_json(), "../../x": b"1"}), "../../x"),
        (as_zip({"lesson.json": with_picture()}), "missing"),
        (
            as_zip({"lesson.json": with_picture(), "pictures/bar.jpg": b"no"}),
            "not a supported",
        ),
        (as_zip({"lesson.json": with_picture("pictures/../../x.jpg")}), "picture, file"),
        (as_zip({"lesson.json": b" " * (MAX_JSON_BYTES + 1)}), "too large"),
    ],
)
def test_invalid_file_is_rejected_with_reason(data: bytes, words: str) -> None:
    with pytest.raises(LessonFileError, match=words.replace(".", r"\.")):
        read_lesson_file(io.BytesIO(data))


@pytest.mark.parametrize(
    "packing", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA], ids=str
)
def test_damaged_file_is_rejected_with_reason(packing: int) -> None:
    """Corrupt every byte in turn."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", packing) as archive:
        archive.writestr("lesson.json", '{"format": "fer-lms.lesson", "title": "x"}' * 9)
    whole = file.getvalue()
    for place in range(len(whole)):
        for wrong in (0x00, 0x63, 0xFF):
            with pytest.raises(LessonFileError):
                read_lesson_file(io.BytesIO(whole[:place] + bytes([wrong]) + whole[place + 1 :]))


def test_failed_import_stores_nothing() -> None:
    good = as_zip({"lesson.json": with_picture(), "pictures/bar.jpg": photograph()})
    read = read_lesson_file(io.BytesIO(good))
    with pytest.raises(KeyError):
        import_lesson(
            course=Course.objects.create(title="Course"), document=read.document, pictures={}
        )
    assert not Lesson.objects.exists()


def _document(file: bytes) -> Any:
    with zipfile.ZipFile(io.BytesIO(file)) as archive:
        return json.loads(archive.read("lesson.json"))
