"""Import and export of a lesson file: a zip of `lesson.json` and pictures, or the JSON alone.

docs/teacher/lesson-file.md describes the format. A file with any error is rejected completely.
"""

import io
import json
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Any

from django.utils.translation import gettext
from rest_framework.exceptions import ErrorDetail

from fer_lms.json_input import InvalidJson, JsonLimits, JsonTooLarge, parse_json
from fer_lms.lessons.content.document import (
    HINT_LEVELS,
    LESSON_FORMAT,
    LESSON_FORMAT_VERSION,
    JsonObject,
    LessonDocumentSerializer,
    QuestionDocumentSerializer,
    contains_active_content,
)
from fer_lms.lessons.content.picture_process import PictureProcess
from fer_lms.lessons.content.pictures import MAX_PICTURE_BYTES, Picture, PictureError
from fer_lms.lessons.models import Lesson, Step
from fer_lms.lessons.queries import list_steps_with_content

MAX_FILE_BYTES = 32 * 1024 * 1024
MAX_JSON_BYTES = 16 * 1024 * 1024
"""More than the longest lesson: 100 steps with texts, questions and hints at their limits."""
JSON_LIMITS = JsonLimits(max_bytes=MAX_JSON_BYTES, max_values=50_000)
MAX_MEMBERS = 120
MAX_UNPACKED_BYTES = 2 * MAX_FILE_BYTES
"""Of all members together: pictures are packed already, so that unpacking gains little."""
MAX_DIRECTORY_BYTES = 1024 * MAX_MEMBERS
MAX_END_BYTES = 22 + 2**16
"""The end of an archive, which locates its directory: a record and a comment."""
PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
MAX_NAME_CHARACTERS = 80
MAX_ERROR_CHARACTERS = 300
ZIP_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
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


def read_lesson_file(file: IO[bytes]) -> LessonFile:
    """Parse and validate an uploaded file.

    Raises:
        LessonFileError: The file is too large, damaged or not a lesson.
    """
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    if size > MAX_FILE_BYTES:
        raise LessonFileError(gettext("The file is too large. A lesson file has at most 32 MB."))
    if file.read(2) != b"PK":
        file.seek(0)
        return parse_lesson(file.read(MAX_JSON_BYTES + 1), {})
    try:
        _check_directory_size(file, size)
        with zipfile.ZipFile(file) as archive:
            members = _list_members(archive)
            document = _read_member(archive, members.pop("lesson.json"), MAX_JSON_BYTES)
            return parse_lesson(document, ArchivedPictures(archive, members))
    except LessonFileError:
        raise
    except ZIP_ERRORS as error:
        raise LessonFileError(gettext("The file is damaged and cannot be unpacked.")) from error


class ArchivedPictures(Mapping[str, bytes]):
    """The pictures of an archive by name; each is unpacked when it is read, and not kept."""

    def __init__(self, archive: zipfile.ZipFile, members: Mapping[str, zipfile.ZipInfo]) -> None:
        self._archive = archive
        self._members = members

    def __getitem__(self, name: str) -> bytes:
        return _read_member(self._archive, self._members[name], MAX_PICTURE_BYTES)

    def __iter__(self) -> Iterator[str]:
        return iter(self._members)

    def __len__(self) -> int:
        return len(self._members)


def _check_directory_size(file: IO[bytes], size: int) -> None:
    """Refuse an archive whose list of members is long: zipfile keeps an object for each."""
    file.seek(max(0, size - MAX_END_BYTES))
    end = file.read()
    at = end.rfind(b"PK\x05\x06")
    is_zip64 = b"PK\x06\x07" in end[max(0, at - 20) : at]
    directory_bytes = int.from_bytes(end[at + 12 : at + 16], "little") if at >= 0 else 0
    if is_zip64 or directory_bytes > MAX_DIRECTORY_BYTES:
        raise LessonFileError(gettext("The file contains too many pictures."))


def _list_members(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """Return the members by name, after everything that can be checked without unpacking."""
    members = [member for member in archive.infolist() if not member.is_dir()]
    if len(members) > MAX_MEMBERS:
        raise LessonFileError(gettext("The file contains too many pictures."))
    names = [member.filename for member in members]
    if "lesson.json" not in names:
        raise LessonFileError(gettext("The file contains no lesson.json."))
    _check_member_names(names)
    if sum(member.file_size for member in members) > MAX_UNPACKED_BYTES:
        raise LessonFileError(gettext("The pictures in the file are too large together."))
    if not all(member.compress_type in PACKINGS for member in members):
        raise zipfile.BadZipFile  # other methods need memory that the file chooses
    return dict(zip(names, members, strict=True))


def _check_member_names(names: list[str]) -> None:
    unexpected = [n for n in names if n != "lesson.json" and not n.startswith("pictures/")]
    if unexpected or len(set(names)) < len(names):
        shown = [name[:MAX_NAME_CHARACTERS] for name in unexpected[:5] or names[:1]]
        raise LessonFileError(
            gettext("The file contains unexpected files: %(names)s. Nothing was imported.")
            % {"names": ", ".join(shown)}
        )


def _read_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, max_bytes: int) -> bytes:
    """Read a member; zipfile fails where it is longer than the archive declares."""
    if info.file_size > max_bytes:
        name = info.filename[:MAX_NAME_CHARACTERS]
        raise LessonFileError(gettext("%(name)s in the file is too large.") % {"name": name})
    with archive.open(info) as member:
        data = member.read(info.file_size + 1)
    if len(data) > info.file_size:
        raise zipfile.BadZipFile
    return data


def parse_lesson(data: bytes, files: Mapping[str, bytes]) -> LessonFile:
    """Build a lesson from the bytes of the document, and of the pictures by name."""
    try:
        parsed = parse_json(data, JSON_LIMITS)
    except JsonTooLarge as error:
        message = gettext("%(name)s in the file is too large.") % {"name": "lesson.json"}
        raise LessonFileError(message) from error
    except InvalidJson as error:
        raise LessonFileError(gettext("The file is not valid JSON.")) from error
    serializer = LessonDocumentSerializer(data=parsed)
    if not serializer.is_valid():
        lines = format_errors(serializer.errors)[:5]
        raise LessonFileError(" ".join(line[:MAX_ERROR_CHARACTERS] for line in lines))
    document = serializer.validated_data
    return LessonFile(document, _load_pictures(document, files), _list_notices(document))


def _load_pictures(document: JsonObject, files: Mapping[str, bytes]) -> dict[str, Picture]:
    names = {step["picture"]["file"] for step in document["steps"] if step["picture"]}
    if missing := sorted(names - files.keys()):
        message = gettext("The picture %(name)s is missing.") % {"name": missing[0]}
        raise LessonFileError(message)
    pictures: dict[str, Picture] = {}
    with PictureProcess() as process:
        for name in sorted(names):
            try:
                pictures[name] = process.recode(files[name])
            except PictureError as error:
                raise LessonFileError(_format_picture_error(name, error)) from error
            if sum(len(picture.data) for picture in pictures.values()) > MAX_FILE_BYTES:
                raise LessonFileError(gettext("The pictures in the file are too large together."))
    return pictures


def _format_picture_error(name: str, error: PictureError) -> str:
    if error.reason == "busy":
        return gettext("The service is busy. Try again in a moment.")
    return gettext("%(name)s is not a supported picture.") % {"name": name}


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
        "language": lesson.language,
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
