"""Uploads that are small and need much: memory, time, or many objects."""

import io
import json
import resource
import struct
import zipfile
import zlib
from pathlib import Path

import pytest

from fer_lms.lessons.content import picture_process, pictures
from fer_lms.lessons.content.picture_process import PictureProcess
from fer_lms.lessons.content.pictures import PictureError
from fer_lms.lessons.content.transfer import LessonFileError, read_lesson_file
from tests.lessons.pictures import photograph
from tests.lessons.test_transfer import STEP, as_json, with_picture


def refuse(data: bytes) -> str:
    with pytest.raises(LessonFileError) as refused:
        read_lesson_file(io.BytesIO(data))
    return str(refused.value)


def pack(members: dict[str, bytes], packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", packing) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file.getvalue()


def build_png(width: int, height: int, *, bits: int = 8, colour: int = 6) -> bytes:
    """Build a PNG of zeros: 40 million pixels are 40 kilobytes."""
    samples = {0: 1, 6: 4}[colour]
    row = b"\0" * (1 + (width * samples * bits + 7) // 8)
    packer = zlib.compressobj(9)
    data = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()

    def chunk(kind: bytes, content: bytes) -> bytes:
        body = kind + content
        return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    parts = (chunk(b"IHDR", head), chunk(b"IDAT", data), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def get_peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def test_archive_of_zeros_is_refused_before_it_is_unpacked() -> None:
    zeros = {f"pictures/p{n}.png": b"\0" * (8 * 1024 * 1024) for n in range(20)}
    data = pack({"lesson.json": as_json(), **zeros})
    assert len(data) < 1024 * 1024
    before = get_peak_mb()
    assert "too large together" in refuse(data)
    assert get_peak_mb() - before < 20


def test_pictures_that_no_step_shows_are_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    data = pack({"lesson.json": as_json(), "pictures/p.png": b"\0" * (8 * 1024 * 1024)})
    monkeypatch.setattr(zipfile.ZipFile, "open", _open_lesson_only)
    assert read_lesson_file(io.BytesIO(data)).pictures == {}


def _open_lesson_only(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> io.BytesIO:
    assert info.filename == "lesson.json"
    return io.BytesIO(as_json())


def test_first_wrong_picture_ends_the_import() -> None:
    steps = [
        STEP | {"picture": {"file": f"pictures/p{n:03}.png", "alternative_text": "x"}}
        for n in range(7)
    ]
    zeros = {f"pictures/p{n:03}.png": b"\0" * (8 * 1024 * 1024) for n in range(7)}
    assert "p000.png is not" in refuse(pack({"lesson.json": as_json(steps=steps), **zeros}))


def test_member_longer_than_it_declares_is_damaged() -> None:
    data = pack({"lesson.json": with_picture(), "pictures/bar.jpg": b"\0" * 1_000_000})
    declared = struct.pack("<I", 1_000_000)
    assert data.count(declared) == 2
    assert refuse(data.replace(declared, struct.pack("<I", 100)))


@pytest.mark.parametrize("packing", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_packing_whose_memory_the_file_chooses_is_refused(packing: int) -> None:
    assert "damaged" in refuse(pack({"lesson.json": as_json()}, packing))


def test_archive_with_many_members_is_refused_before_they_are_listed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = pack({"lesson.json": as_json(), **{f"pictures/{n}": b"" for n in range(5000)}})
    monkeypatch.setattr(zipfile, "ZipFile", None)
    assert "too many" in refuse(data)


def test_zip64_archive_is_refused() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("lesson.json", as_json())
    data = file.getvalue()
    at = data.rindex(b"PK\5\6")
    assert "too many" in refuse(data[:at] + b"PK\6\7" + b"\0" * 16 + data[at:])


@pytest.mark.parametrize(
    "document",
    [
        b'{"steps":[' + b"[]," * 1_000_000 + b"[]]}",
        b'{"steps":' + b"[" * 100_000,
        json.dumps({"steps": [{}] * 100_000}).encode(),
        as_json(steps=[STEP | {"body": "x" * 20_000}] * 11),
        as_json(title="\ud800"),
    ],
)
def test_document_that_needs_much_is_refused(document: bytes) -> None:
    assert len(refuse(document)) < 2000
    assert len(refuse(pack({"lesson.json": document}))) < 2000


def test_error_does_not_echo_long_names() -> None:
    assert len(refuse(pack({"lesson.json": as_json(), "x" * 60_000: b""}))) < 300


# --- Pictures ----------------------------------------------------------------------------------


def test_several_pictures_are_read_by_one_process() -> None:
    with PictureProcess() as process:
        first = process.recode(photograph())
        with pytest.raises(PictureError) as refused:
            process.recode(b"<svg/>")
        assert refused.value.reason == "not_a_picture"
        assert process.recode(photograph()) == first
    assert first.media_type == "image/jpeg"


@pytest.mark.parametrize(("bits", "colour"), [(8, 6), (1, 0), (16, 6)])
def test_large_picture_needs_no_memory_here(bits: int, colour: int) -> None:
    data = build_png(8000, 5000, bits=bits, colour=colour)
    assert len(data) < 400_000
    before = get_peak_mb()
    with PictureProcess() as process:
        assert process.recode(data).width == 1600
    assert get_peak_mb() - before < 20


@pytest.mark.parametrize("size", [(8001, 5000), (2**31 - 1, 1), (65_000, 65_000)])
def test_picture_with_too_many_pixels_is_refused(size: tuple[int, int]) -> None:
    data = build_png(1, 1)
    with PictureProcess() as process, pytest.raises(PictureError):
        process.recode(data[:16] + struct.pack(">II", *size) + data[24:])


def replace_process(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, program: str) -> None:
    script = tmp_path / "pictures.py"
    script.write_text(program)
    monkeypatch.setattr(pictures, "__file__", str(script))


@pytest.mark.parametrize(
    "program",
    [
        "import os; os.abort()",
        "print('no JSON')",
        "print('{\"bytes\": 99}')",
        "import time; time.sleep(60)",
    ],
)
def test_process_that_fails_refuses_its_picture_only(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, program: str
) -> None:
    monkeypatch.setattr(picture_process, "MAX_PICTURE_S", 1.0)
    with monkeypatch.context() as patch:
        replace_process(patch, tmp_path, program)
        with PictureProcess() as process, pytest.raises(PictureError):
            process.recode(photograph())
    with PictureProcess() as process:
        assert process.recode(photograph()).media_type == "image/jpeg"


def test_uploads_beyond_the_number_of_processes_are_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture_process, "MAX_WAIT_S", 0.1)
    with PictureProcess() as first, PictureProcess() as second, PictureProcess() as third:
        first.recode(photograph())
        second.recode(photograph())
        with pytest.raises(PictureError) as refused:
            third.recode(photograph())
        assert refused.value.reason == "busy"
    with PictureProcess() as process:
        assert process.recode(photograph())
