"""A lesson as one file: a zip of `lesson.json` and its pictures, or the JSON alone.

docs/lessons.md describes the format. Reading refuses the whole file or takes the whole file.
"""

import io
import json
import lzma
import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext
from rest_framework.exceptions import ErrorDetail

from fer_lms.lessons.content.document import (
    FORMAT,
    HINT_LEVELS,
    VERSION,
    LessonDocument,
    Values,
    contains_active_content,
)
from fer_lms.lessons.content.pictures import (
    MAX_PICTURE_BYTES,
    Picture,
    PictureError,
    reencode_picture,
)
from fer_lms.lessons.models import Lesson, Step
from fer_lms.lessons.queries import list_steps_with_content

MAX_FILE_BYTES = 32 * 1024 * 1024
MAX_JSON_BYTES = 4 * 1024 * 1024
MAX_MEMBERS = 120
DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    LookupError,
    OSError,
    OverflowError,
    RuntimeError,  # encrypted, or packed by a method that is not known
    ValueError,
)
"""What zipfile lets out for archives that are broken in one way or another."""
HINT_LEVEL_NAMES = {number: name for name, number in HINT_LEVELS.items()}


class LessonFileError(ValueError):
    """The file is not taken; the message says why, for the author."""


@dataclass(frozen=True, slots=True)
class LessonFile:
    document: Values
    pictures: Mapping[str, Picture]
    notices: tuple[str, ...]


# --- Reading ---------------------------------------------------------------------------------
def read_lesson_file(data: bytes) -> LessonFile:
    if len(data) > MAX_FILE_BYTES:
        raise LessonFileError(gettext("The file is larger than a lesson file may be (32 MB)."))
    if not data.startswith(b"PK"):
        return parse_lesson(data, {})
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            document, files = _members(archive)
    except LessonFileError:
        raise
    except DAMAGED as error:
        raise LessonFileError(gettext("The file is damaged: it cannot be unpacked.")) from error
    return parse_lesson(document, files)


def _members(archive: zipfile.ZipFile) -> tuple[bytes, dict[str, bytes]]:
    """The document, and the pictures by name."""
    members = [member for member in archive.infolist() if not member.is_dir()]
    if len(members) > MAX_MEMBERS:
        raise LessonFileError(gettext("The file holds more pictures than a lesson may have."))
    names = [member.filename for member in members]
    if "lesson.json" not in names:
        raise LessonFileError(gettext("The file holds no lesson.json, so it is no lesson."))
    _refuse_strangers(names)
    document = _unpacked(archive, "lesson.json", MAX_JSON_BYTES)
    files = {
        name: _unpacked(archive, name, MAX_PICTURE_BYTES) for name in names if name != "lesson.json"
    }
    return document, files


def _refuse_strangers(names: list[str]) -> None:
    strangers = [n for n in names if n != "lesson.json" and not n.startswith("pictures/")]
    if strangers or len(set(names)) < len(names):
        raise LessonFileError(
            gettext("The file holds what a lesson does not have: %(names)s. Nothing was taken.")
            % {"names": ", ".join(strangers[:5]) or names[0]}
        )


def _unpacked(archive: zipfile.ZipFile, name: str, most: int) -> bytes:
    """Never more than `most` bytes, whatever the archive says of itself."""
    with archive.open(name) as member:
        data = member.read(most + 1)
    if len(data) > most:
        raise LessonFileError(gettext("%(name)s in the file is too large.") % {"name": name})
    return data


def _parsed(data: bytes) -> Any:
    try:
        return json.loads(data.decode("utf-8-sig"), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise LessonFileError(gettext("The file is no JSON, so it is no lesson.")) from error


def _no_constant(name: str) -> float:
    raise ValueError(name)  # NaN and Infinity are no JSON


def parse_lesson(data: bytes, files: Mapping[str, bytes]) -> LessonFile:
    """Out of the document's bytes and those of the pictures, by name."""
    shape = LessonDocument(data=_parsed(data))
    if not shape.is_valid():
        raise LessonFileError(" ".join(format_errors(shape.errors)[:5]))
    document = shape.validated_data
    return LessonFile(document, _pictures(document, files), _notices(document))


def _pictures(document: Values, files: Mapping[str, bytes]) -> dict[str, Picture]:
    named = {step["picture"]["file"] for step in document["steps"] if step["picture"]}
    pictures = {}
    for name in sorted(named):
        if name not in files:
            raise LessonFileError(gettext("The picture %(name)s is missing.") % {"name": name})
        try:
            pictures[name] = reencode_picture(files[name])
        except PictureError as error:
            raise LessonFileError(
                gettext("%(name)s is no picture that can be shown.") % {"name": name}
            ) from error
    return pictures


def _notices(document: Values) -> tuple[str, ...]:
    words = gettext("Step %(number)s holds HTML or a script. It is shown as text and does not run.")
    return tuple(
        words % {"number": number}
        for number, step in enumerate(document["steps"], start=1)
        if contains_active_content(step)
    )


def format_errors(errors: Any, where: str = "") -> list[str]:
    """Nested errors as sentences: "steps 2, question, prompt: This field is required."."""
    if isinstance(errors, ErrorDetail):
        return [f"{where}: {errors}" if where else str(errors)]
    if isinstance(errors, Mapping):
        named = [(_joined(where, name), each) for name, each in errors.items()]
    elif all(isinstance(each, ErrorDetail) for each in errors):
        named = [(where, each) for each in errors]
    else:
        named = [(_joined(where, at), each) for at, each in enumerate(errors)]
    return [problem for place, each in named for problem in format_errors(each, place)]


def _joined(where: str, name: str | int) -> str:
    """Places in a list are counted from 0 there, and from 1 by people."""
    if isinstance(name, int):
        return f"{where} {name + 1}"
    if name == "non_field_errors":
        return where
    return f"{where}, {name}" if where else name


# --- Writing ---------------------------------------------------------------------------------
def export_lesson(lesson: Lesson) -> bytes:
    steps = list(list_steps_with_content(lesson, with_image_data=True))
    names = {step.pk: _picture_name(step) for step in steps if hasattr(step, "picture")}
    document = build_lesson_document(lesson, steps, names)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        _put(archive, "lesson.json", json.dumps(document, ensure_ascii=False, indent=2).encode())
        for step in steps:
            if step.pk in names:
                _put(archive, names[step.pk], bytes(step.picture.data))
    return file.getvalue()


def _put(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    """With one fixed date, so that the same lesson is the same file."""
    archive.writestr(zipfile.ZipInfo(name), data, compress_type=zipfile.ZIP_DEFLATED)


def build_lesson_document(lesson: Lesson, steps: list[Step], pictures: Mapping[int, str]) -> Values:
    return {
        "format": FORMAT,
        "version": VERSION,
        "title": lesson.title,
        "summary": lesson.summary,
        "minutes": lesson.minutes,
        "steps": [
            build_step_document(step) | {"picture": _picture_values(step, pictures.get(step.pk))}
            for step in steps
        ],
    }


def build_step_document(step: Step) -> Values:
    """A step as authors see it, what is right included."""
    question = getattr(step, "question", None)
    return {
        "title": step.title,
        "body": step.body,
        "easy_body": step.easy_body,
        "embed": {"url": step.embed_url, "title": step.embed_title} if step.embed_url else None,
        "question": {name: getattr(question, name) for name in QUESTION} if question else None,
        "hints": [
            {
                "rung": HINT_LEVEL_NAMES[hint.rung],
                "text": hint.text,
                "simple_text": hint.simple_text,
                "symbol": hint.symbol,
            }
            for hint in step.hints.all()
        ],
    }


QUESTION = (
    "kind",
    "prompt",
    "choices",
    "accepted",
    "number",
    "tolerance",
    "when_right",
    "when_wrong",
)


def _picture_name(step: Step) -> str:
    suffix = "jpg" if step.picture.media_type == "image/jpeg" else "png"
    return f"pictures/step-{step.position}.{suffix}"


def _picture_values(step: Step, name: str | None) -> Values | None:
    return {"file": name, "alternative_text": step.picture.alternative_text} if name else None
