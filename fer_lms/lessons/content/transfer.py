"""Import and export of a lesson file: a zip of `lesson.json` and pictures, or the JSON alone.

docs/teacher/lesson-file.md describes the format. A file with any error is rejected completely.
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
    HINT_LEVELS,
    LESSON_FORMAT,
    LESSON_FORMAT_VERSION,
    JsonObject,
    LessonDocumentSerializer,
    QuestionDocumentSerializer,
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
ZIP_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    LookupError,
    OSError,
    OverflowError,
    RuntimeError,  # encrypted, or an unsupported compression method
    ValueError,
)
"""Exceptions that zipfile raises for damaged archives."""
HINT_LEVEL_NAMES = {number: name for name, number in HINT_LEVELS.items()}
QUESTION_FIELDS = tuple(QuestionDocumentSerializer().fields)


class LessonFileError(ValueError):
    """The file is rejected; the message gives the author the reason."""


@dataclass(frozen=True, slots=True)
class LessonFile:
    document: JsonObject
    pictures: Mapping[str, Picture]
    notices: tuple[str, ...]


def read_lesson_file(data: bytes) -> LessonFile:
    """Parse and validate an uploaded file.

    Raises:
        LessonFileError: The file is too large, damaged or not a lesson.
    """
    if len(data) > MAX_FILE_BYTES:
        raise LessonFileError(gettext("The file is too large. A lesson file has at most 32 MB."))
    if not data.startswith(b"PK"):
        return parse_lesson(data, {})
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            document, files = _read_members(archive)
    except LessonFileError:
        raise
    except ZIP_ERRORS as error:
        raise LessonFileError(gettext("The file is damaged and cannot be unpacked.")) from error
    return parse_lesson(document, files)


def _read_members(archive: zipfile.ZipFile) -> tuple[bytes, dict[str, bytes]]:
    """Return the bytes of `lesson.json`, and of the pictures by name."""
    members = [member for member in archive.infolist() if not member.is_dir()]
    if len(members) > MAX_MEMBERS:
        raise LessonFileError(gettext("The file contains too many pictures."))
    names = [member.filename for member in members]
    if "lesson.json" not in names:
        raise LessonFileError(gettext("The file contains no lesson.json."))
    _check_member_names(names)
    document = _read_member(archive, "lesson.json", MAX_JSON_BYTES)
    files = {
        name: _read_member(archive, name, MAX_PICTURE_BYTES)
        for name in names
        if name != "lesson.json"
    }
    return document, files


def _check_member_names(names: list[str]) -> None:
    unexpected = [n for n in names if n != "lesson.json" and not n.startswith("pictures/")]
    if unexpected or len(set(names)) < len(names):
        raise LessonFileError(
            gettext("The file contains unexpected files: %(names)s. Nothing was imported.")
            % {"names": ", ".join(unexpected[:5]) or names[0]}
        )


def _read_member(archive: zipfile.ZipFile, name: str, max_bytes: int) -> bytes:
    """Read a member without trusting the size that the archive declares."""
    with archive.open(name) as member:
        data = member.read(max_bytes + 1)
    if len(data) > max_bytes:
        raise LessonFileError(gettext("%(name)s in the file is too large.") % {"name": name})
    return data


def _parse_json(data: bytes) -> Any:
    try:
        return json.loads(data.decode("utf-8-sig"), parse_constant=_reject_constant)
    except (ValueError, RecursionError) as error:
        raise LessonFileError(gettext("The file is not valid JSON.")) from error


def _reject_constant(name: str) -> float:
    raise ValueError(name)  # NaN and Infinity are not JSON


def parse_lesson(data: bytes, files: Mapping[str, bytes]) -> LessonFile:
    """Build a lesson from the bytes of the document, and of the pictures by name."""
    serializer = LessonDocumentSerializer(data=_parse_json(data))
    if not serializer.is_valid():
        raise LessonFileError(" ".join(format_errors(serializer.errors)[:5]))
    document = serializer.validated_data
    return LessonFile(document, _load_pictures(document, files), _list_notices(document))


def _load_pictures(document: JsonObject, files: Mapping[str, bytes]) -> dict[str, Picture]:
    names = {step["picture"]["file"] for step in document["steps"] if step["picture"]}
    pictures = {}
    for name in sorted(names):
        if name not in files:
            raise LessonFileError(gettext("The picture %(name)s is missing.") % {"name": name})
        try:
            pictures[name] = reencode_picture(files[name])
        except PictureError as error:
            raise LessonFileError(
                gettext("%(name)s is not a supported picture.") % {"name": name}
            ) from error
    return pictures


def _list_notices(document: JsonObject) -> tuple[str, ...]:
    text = gettext("Step %(number)s contains HTML or a script. Learners see it as plain text.")
    return tuple(
        text % {"number": number}
        for number, step in enumerate(document["steps"], start=1)
        if contains_active_content(step)
    )


def format_errors(errors: Any, path: str = "") -> list[str]:
    """Flatten nested errors: "steps 2, question, prompt: This field is required."."""
    if isinstance(errors, ErrorDetail):
        return [f"{path}: {errors}" if path else str(errors)]
    if isinstance(errors, Mapping):
        children = [(_join_path(path, name), child) for name, child in errors.items()]
    elif all(isinstance(child, ErrorDetail) for child in errors):
        children = [(path, child) for child in errors]
    else:
        children = [(_join_path(path, index), child) for index, child in enumerate(errors)]
    return [line for child_path, child in children for line in format_errors(child, child_path)]


def _join_path(path: str, name: str | int) -> str:
    if isinstance(name, int):
        return f"{path} {name + 1}"
    if name == "non_field_errors":
        return path
    return f"{path}, {name}" if path else name


def export_lesson(lesson: Lesson) -> bytes:
    """Write a lesson as a zip file; the same lesson always gives the same bytes."""
    steps = list(list_steps_with_content(lesson, with_image_data=True))
    names = {step.pk: _build_picture_name(step) for step in steps if hasattr(step, "picture")}
    document = {
        "format": LESSON_FORMAT,
        "version": LESSON_FORMAT_VERSION,
        "title": lesson.title,
        "summary": lesson.summary,
        "minutes": lesson.minutes,
        "steps": [
            build_step_document(step) | {"picture": _build_picture(step, names.get(step.pk))}
            for step in steps
        ],
    }
    text = json.dumps(document, ensure_ascii=False, indent=2)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        _write_member(archive, "lesson.json", text.encode())
        for step in steps:
            if step.pk in names:
                _write_member(archive, names[step.pk], bytes(step.picture.data))
    return file.getvalue()


def build_step_document(step: Step) -> JsonObject:
    """Return a step as its author edits it, with the solution of its question."""
    question = getattr(step, "question", None)
    solution = {name: getattr(question, name) for name in QUESTION_FIELDS} if question else None
    return {
        "title": step.title,
        "body": step.body,
        "easy_body": step.easy_body,
        "embed": {"url": step.embed_url, "title": step.embed_title} if step.embed_url else None,
        "question": solution,
        "hints": [
            {
                "level": HINT_LEVEL_NAMES[hint.level],
                "rung": HINT_LEVEL_NAMES[hint.level],  # former name, for release 0.1.0
                "text": hint.text,
                "simple_text": hint.simple_text,
                "symbol": hint.symbol,
            }
            for hint in step.hints.all()
        ],
    }


def _write_member(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    # ZipInfo's default date is fixed, unlike that of writestr with a plain name.
    archive.writestr(zipfile.ZipInfo(name), data, compress_type=zipfile.ZIP_DEFLATED)


def _build_picture_name(step: Step) -> str:
    suffix = "jpg" if step.picture.media_type == "image/jpeg" else "png"
    return f"pictures/step-{step.position}.{suffix}"


def _build_picture(step: Step, name: str | None) -> JsonObject | None:
    return {"file": name, "alternative_text": step.picture.alternative_text} if name else None
