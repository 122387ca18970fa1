"""Photos, animations and films of every kind and state of repair, through the command line."""

import json
import os
import subprocess
import sys
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import PIL.Image
import pytest

from inference.__main__ import main
from inference.errors import PictureDamaged, PictureUnreadable
from inference.imaging import pictures
from inference.imaging.file_kinds import detect_kind
from inference.imaging.pictures import (
    count_frames,
    is_photo_file,
    list_photos_and_videos,
    read_frames,
)
from tests.inference.pictures import Image, as_jpeg

pytestmark = pytest.mark.usefixtures("face_model")
FRAMES = 20
PHOTO_FORMATS = ("jpg", "png", "webp", "avif", "bmp", "tiff", "jp2", "ppm")
ANIMATIONS = ("anim.webp", "anim.png", "anim.gif", "pages.tiff", "anim.avif")
FILMS = {
    "film.mp4": "mp4v",
    "film.mov": "mp4v",
    "film.3gp": "mp4v",
    "film.avi": "MJPG",
    "film.mkv": "mp4v",
    "film.webm": "VP80",
    "film.wmv": "WMV2",
    "film.flv": "FLV1",
    "film.ts": "mp4v",
    "film.mpg": "MPG1",
}
STATED = [name for name in FILMS if name not in ("film.ts", "film.mpg")]
"""Containers that state their length."""


def write_film(path: Path, codec: str, image: Image) -> None:
    fourcc = cv2.VideoWriter.fourcc(*codec)
    writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, fourcc, 25, (320, 240))
    if not writer.isOpened():
        pytest.skip(f"OpenCV cannot write {codec} here")
    for number in range(FRAMES):
        writer.write(np.roll(image, number, axis=1))
    writer.release()


@pytest.fixture(scope="session")
def films(tmp_path_factory: pytest.TempPathFactory, astronaut: Image) -> Path:
    folder = tmp_path_factory.mktemp("films")
    for name, codec in FILMS.items():
        write_film(folder / name, codec, astronaut)
    return folder


@pytest.fixture(scope="session")
def photos(tmp_path_factory: pytest.TempPathFactory, astronaut: Image) -> Path:
    folder = tmp_path_factory.mktemp("photos")
    image = PIL.Image.fromarray(np.ascontiguousarray(astronaut[:, :, ::-1]))
    for suffix in PHOTO_FORMATS:
        image.save(folder / f"photo.{suffix}")
    turned = [image.rotate(angle) for angle in (3, 6)]
    for name in ANIMATIONS:
        image.save(folder / name, save_all=True, append_images=turned, duration=100)
    return folder


def read(path: Path) -> tuple[int, str]:
    """Return the number of frames read, and the error."""
    count = 0
    try:
        for _ in read_frames(path):
            count += 1
    except PictureUnreadable as error:
        return count, str(error)
    return count, ""


def run_read(*paths: Path) -> tuple[int, list[dict[str, Any]], str]:
    """Run `read --json` as a process: exit code, rows, standard error."""
    done = subprocess.run(
        [sys.executable, "-m", "inference", "read", "--json", *map(os.fsencode, paths)],
        capture_output=True,
        check=False,
    )
    return done.returncode, json.loads(done.stdout or b"[]"), done.stderr.decode()


@pytest.mark.parametrize("name", FILMS)
def test_every_frame_of_a_film_is_read_whatever_its_name(
    films: Path, tmp_path: Path, name: str
) -> None:
    content = (films / name).read_bytes()
    for other in ("no-extension", "wrong.jpg", "2026-11-29T10:30:00.mp4", "a%03d.png"):
        copy = tmp_path / other
        copy.write_bytes(content)
        assert (count_frames(copy), *read(copy)) == (FRAMES, FRAMES, "")


@pytest.mark.parametrize("name", [*(f"photo.{suffix}" for suffix in PHOTO_FORMATS), *ANIMATIONS])
def test_every_frame_of_a_photo_is_read_whatever_its_name(
    photos: Path, tmp_path: Path, name: str
) -> None:
    expected = 3 if name in ANIMATIONS else 1
    for other in ("no-extension", "wrong.mp4", "picture.jfif"):
        copy = tmp_path / other
        copy.write_bytes((photos / name).read_bytes())
        assert (count_frames(copy), *read(copy)) == (expected, expected, "")


def test_frames_of_an_animation_are_those_that_were_written(photos: Path, astronaut: Image) -> None:
    for name in ("anim.webp", "anim.png", "pages.tiff"):
        frames = [picture.image for picture in read_frames(photos / name)]
        assert np.abs(frames[0].astype(int) - astronaut).mean() < 6
        assert np.abs(frames[1].astype(int) - frames[0]).mean() > 6


def test_names_that_are_no_text(photos: Path, films: Path, tmp_path: Path) -> None:
    """OpenCV crashes on a path that is not UTF-8."""
    names = [os.fsdecode(b"s\xe9.jpg"), os.fsdecode(b"f\xe9.mp4")]
    try:
        (tmp_path / names[0]).write_bytes((photos / "photo.jpg").read_bytes())
    except OSError:
        pytest.skip("this file system allows UTF-8 names only")
    (tmp_path / names[1]).write_bytes((films / "film.mp4").read_bytes())
    code, rows, errors = run_read(*(tmp_path / name for name in names))
    assert (code, len(rows), errors) == (0, 1 + FRAMES, "")
    assert [row["file"] for row in rows[:1]] == [str(tmp_path / names[0])]


def test_a_table_with_names_that_are_no_text(photos: Path, tmp_path: Path) -> None:
    for name in (os.fsdecode(b"s\xe9.jpg"), "Schüler.jpg"):
        (tmp_path / name).write_bytes((photos / "photo.jpg").read_bytes())
    done = subprocess.run(
        [sys.executable, "-m", "inference", "read", os.fsencode(tmp_path)],
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert len(done.stdout.splitlines()) == 3
    assert b"Sch\\xfcler.jpg" in done.stdout


@pytest.mark.parametrize("name", STATED)
def test_a_film_that_was_cut_is_named_and_its_frames_are_read(
    films: Path, tmp_path: Path, name: str
) -> None:
    content = (films / name).read_bytes()
    cut = tmp_path / name
    cut.write_bytes(content[: len(content) * 6 // 10])
    count, error = read(cut)
    if name.endswith((".mp4", ".mov", ".3gp")):  # their table of frames is at the end
        assert (count, "ends before its stated length" in error) == (0, True)
    else:
        assert 0 < count < FRAMES
        assert "ends before its stated length" in error or "is damaged" in error
        assert str(count) in error


@pytest.mark.parametrize("name", ["film.mp4", "film.mov", "film.3gp", "film.flv", "film.ts"])
def test_reading_goes_on_past_damage_in_the_middle(films: Path, tmp_path: Path, name: str) -> None:
    content = bytearray((films / name).read_bytes())
    for position in range(len(content) * 45 // 100, len(content) // 2):
        content[position] = 0x55
    damaged = tmp_path / name
    damaged.write_bytes(content)
    code, rows, errors = run_read(damaged)
    assert code == 2
    assert FRAMES * 6 // 10 < len(rows) <= FRAMES
    assert f"{damaged}: the film is damaged; {len(rows)}" in errors


def test_a_film_without_damage_prints_nothing(films: Path) -> None:
    code, rows, errors = run_read(films / "film.avi", films / "film.webm")
    assert (code, len(rows), errors) == (0, 2 * FRAMES, "")


@pytest.mark.parametrize("name", [f"photo.{suffix}" for suffix in PHOTO_FORMATS])
@pytest.mark.parametrize("kept", [0.25, 0.9])
def test_a_photo_that_was_cut_is_named_and_not_read(
    photos: Path, tmp_path: Path, name: str, kept: float
) -> None:
    content = (photos / name).read_bytes()
    cut = tmp_path / name
    cut.write_bytes(content[: int(len(content) * kept)])
    assert main(["read", str(cut)]) == 2
    assert read(cut)[0] == 0
    assert str(cut) in read(cut)[1]


def test_a_cut_jpeg_with_an_end_marker_is_not_read(photos: Path, tmp_path: Path) -> None:
    content = (photos / "photo.jpg").read_bytes()
    cut = tmp_path / "cut.jpg"
    cut.write_bytes(content[: len(content) // 2] + b"\xff\xd9")
    with pytest.raises(PictureDamaged, match="cut short"):
        list(read_frames(cut))


@pytest.mark.parametrize("name", ["anim.png", "anim.gif"])
def test_frames_before_the_cut_of_an_animation_are_read(
    photos: Path, tmp_path: Path, name: str
) -> None:
    content = (photos / name).read_bytes()
    cut = tmp_path / name
    cut.write_bytes(content[: len(content) * 6 // 10])
    count, error = read(cut)
    assert count == 1
    assert "damaged" in error


def test_a_folder_lists_what_is_readable(photos: Path, films: Path, tmp_path: Path) -> None:
    for file in [*photos.iterdir(), *films.iterdir()]:
        (tmp_path / f"{file.stem}-{file.suffix[1:]}").write_bytes(file.read_bytes())
    expected = len(list(tmp_path.iterdir()))
    (tmp_path / "notes.txt").write_text("no picture")
    (tmp_path / "code.ts").write_text("const a = 1;")
    (tmp_path / "sound.m4a").write_bytes(b"\0\0\0\x20ftypM4A \0\0\0\0")
    (tmp_path / "folder.jpg").mkdir()
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "link.jpg").symlink_to("nowhere")
    listed = list_photos_and_videos(tmp_path)
    assert len(listed) == expected
    assert {read(file)[1] for file in listed} == {""}


def test_a_damaged_photo_of_a_folder_is_named(photos: Path, tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes((photos / "photo.jpg").read_bytes())
    (tmp_path / "b.avif").write_bytes(b"")
    code, rows, errors = run_read(tmp_path)
    assert (code, len(rows)) == (2, 1)
    assert "b.avif" in errors


def test_files_that_are_not_regular_are_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    for path in (tmp_path / "pipe.jpg", Path("/dev/zero")):
        with pytest.raises(PictureUnreadable, match="not a regular file"):
            list(read_frames(path))


def test_a_playlist_opens_no_address(tmp_path: Path) -> None:
    playlist = tmp_path / "list.m3u8"
    playlist.write_text("#EXTM3U\n#EXTINF:5,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n")
    code = (
        "import socket, sys\nfrom pathlib import Path\n"
        "from inference.imaging.pictures import read_frames\n"
        "try:\n    list(read_frames(Path(sys.argv[1])))\nexcept Exception as error: print(error)"
    )
    done = subprocess.run(
        ["strace", "-f", "-qq", "-e", "trace=connect", sys.executable, "-c", code, playlist]
        if Path("/usr/bin/strace").exists()
        else [sys.executable, "-c", code, playlist],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "not a photo or video" in done.stdout
    assert "connect(" not in done.stderr


@pytest.mark.parametrize("suffix", ["png", "tiff", "webp", "pages.tiff"])
def test_a_picture_of_too_many_pixels_is_refused_before_decoding(
    tmp_path: Path, suffix: str
) -> None:
    """Through the real entry point; a process of its own, whose largest memory is compared."""
    if suffix == "webp":
        size = (16_383, 16_383)
        header = b"VP8X" + (10).to_bytes(4, "little") + b"\0\0\0\0"
        header += b"".join((side - 1).to_bytes(3, "little") for side in size)
        bomb = b"RIFF" + (4 + len(header)).to_bytes(4, "little") + b"WEBP" + header
        (tmp_path / "bomb.webp").write_bytes(bomb)
    elif suffix == "pages.tiff":
        large = PIL.Image.new("1", (12_500, 12_500))  # Pillow itself refuses 179 megapixels
        small = PIL.Image.new("1", (9, 9))
        small.save(
            tmp_path / "bomb.pages.tiff",
            save_all=True,
            append_images=[large],
            compression="group4",
        )
    else:
        PIL.Image.new("1", (15_000, 15_000)).save(tmp_path / f"bomb.{suffix}", compression="group4")
    code = (
        "import re, sys\nfrom inference.__main__ import main\n"
        "code = main(sys.argv[1:])\n"
        "print(re.search('VmHWM:\\\\s*([0-9]+)', open('/proc/self/status').read())[1])\n"
        "sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "read", "--json", str(tmp_path / f"bomb.{suffix}")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert int(done.stdout.splitlines()[-1]) < 500_000  # kB


@pytest.mark.parametrize("module", ["inference.expressions", "inference.pipeline", "cv2"])
def test_opencv_limits_pixels_whatever_is_imported_first(module: str) -> None:
    code = (
        f"import inference\nimport {module}\nimport cv2, io, numpy, PIL.Image\n"
        "out = io.BytesIO(); PIL.Image.new('1', (15000, 15000)).save(out, 'PNG')\n"
        "try:\n    print(cv2.imdecode(numpy.frombuffer(out.getvalue(), numpy.uint8), 1) is None)\n"
        "except cv2.error:\n    print(True)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "True\n"


def test_a_film_of_too_many_pixels_is_refused(films: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("inference.imaging.films.MAX_PICTURE_PIXELS", 320 * 240 - 1)
    with pytest.raises(PictureUnreadable, match="76800 pixels a frame"):
        list(read_frames(films / "film.mp4"))


def test_a_photo_of_too_many_bytes_is_refused(
    photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "MAX_PHOTO_BYTES", 1000)
    with pytest.raises(PictureUnreadable, match="reduce the photo first"):
        list(read_frames(photos / "photo.jpg"))


def test_only_one_decoded_copy_of_a_photo_is_held(
    photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded: list[weakref.ref[Any]] = []
    monkeypatch.setattr(
        pictures, "_check_complete", lambda file, photo: decoded.append(weakref.ref(photo))
    )
    alive: list[bool] = []
    decode = pictures._decode

    def decode_after_check(file: Path, data: bytes) -> Iterator[Image]:
        alive.append(decoded[-1]() is not None)
        yield from decode(file, data)

    monkeypatch.setattr(pictures, "_decode", decode_after_check)
    assert len(list(read_frames(photos / "photo.png"))) == 1
    assert alive == [False]


def test_exif_orientation_is_applied(astronaut: Image, tmp_path: Path) -> None:
    image = PIL.Image.fromarray(np.ascontiguousarray(astronaut[:, :, ::-1]))
    exif = PIL.Image.Exif()
    exif[0x0112] = 6
    image.save(tmp_path / "turned.jpg", exif=exif)
    [picture] = read_frames(tmp_path / "turned.jpg")
    assert picture.image.shape[:2] == (320, 240)


def test_files_with_something_after_the_photo_are_photos(astronaut: Image, films: Path) -> None:
    jpeg = as_jpeg(astronaut)
    both = films / "moving.jpg"
    both.write_bytes(jpeg + (films / "film.mp4").read_bytes())
    assert read(both) == (1, "")
    both.write_bytes(jpeg * 3)
    assert read(both) == (3, "")  # a film of JPEGs
    both.unlink()


def test_kinds_of_training_folders_are_photos(photos: Path, films: Path) -> None:
    assert is_photo_file(photos / "photo.avif")
    assert not is_photo_file(films / "film.mp4")


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        (b"", None),
        (b"BMX-ray notes of last week", None),
        (b"OggS" + b"\0" * 24 + b"\x01vorbis", None),
        (b"OggS" + b"\0" * 24 + b"\x80theora", "film"),
        (b"\0\0\0\x1cftypheic", "photo"),
        (b"RIFF\0\0\0\0WAVE", None),
        (b"G" * 600, "film"),
        (b"P3 1 1", "photo"),
        (b"<svg>", None),
    ],
)
def test_kind_by_first_bytes(header: bytes, kind: str | None) -> None:
    assert detect_kind(header) == kind
