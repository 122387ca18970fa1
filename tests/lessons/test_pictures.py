import io
from typing import Any, cast

import pytest
from PIL import Image, ImageChops, ImageOps

from fer_lms.lessons.content import pictures
from fer_lms.lessons.content.pictures import (
    MAX_SIDE_PX,
    MAX_TRANSPARENT_PNG_BYTES,
    PictureError,
    recode_picture,
)
from tests.lessons.pictures import photograph


def test_photo_loses_metadata() -> None:
    original = photograph()
    assert b"Maker of cameras" in original
    kept = recode_picture(original)
    assert (kept.media_type, kept.width, kept.height) == ("image/jpeg", 64, 48)
    with Image.open(io.BytesIO(kept.data)) as picture:
        assert not picture.getexif()
    assert b"Maker" not in kept.data


def test_appended_bytes_are_removed() -> None:
    assert b"<script>" not in recode_picture(photograph() + b"<script>alert(1)</script>").data


@pytest.mark.parametrize("form", ["PNG", "WEBP"])
def test_drawings_are_stored_as_png(form: str) -> None:
    assert recode_picture(photograph(form=form)).media_type == "image/png"


def test_large_picture_is_scaled_down() -> None:
    kept = recode_picture(photograph(size=(4000, 1000)))
    assert (kept.width, kept.height) == (1600, 400)


@pytest.mark.parametrize(
    "data",
    [b"", b"hello", b"<svg onload='alert(1)'/>", photograph()[:200], b"\x89PNG\r\n\x1a\n" * 9],
)
def test_invalid_picture_is_rejected(data: bytes) -> None:
    with pytest.raises(PictureError) as refused:
        recode_picture(data)
    assert refused.value.reason == "not_a_picture"


def test_picture_with_too_many_pixels_is_not_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "MAX_PIXELS", 1000)
    with pytest.raises(PictureError) as refused:
        recode_picture(photograph())
    assert refused.value.reason == "too_large"


def decode(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(recode_picture(data).data))


def get_range(picture: Image.Image) -> tuple[float, float]:
    return cast(tuple[float, float], picture.convert("L").getextrema())


def encode(picture: Image.Image, form: str = "PNG", **options: Any) -> bytes:
    file = io.BytesIO()
    picture.save(file, form, **options)
    return file.getvalue()


@pytest.mark.parametrize("mode", ["1", "P", "L", "RGB", "RGBA", "LA", "I;16"])
def test_thin_lines_stay_visible_in_every_mode(mode: str) -> None:
    """Every 20th column is black: after scaling to a half, at least grey."""
    size = 2 * MAX_SIDE_PX
    grid = Image.new("L", (size, 40), 255)
    for x in range(0, size, 20):
        grid.paste(0, (x, 0, x + 1, 40))
    doubled = b"".join(bytes([value, value]) for value in grid.tobytes())
    is_wide = mode == "I;16"
    picture = Image.frombytes(mode, grid.size, doubled) if is_wide else grid.convert(mode)
    low, high = get_range(decode(encode(picture)))
    assert low < 200 <= high


def test_sixteen_bits_are_scaled_not_clipped() -> None:
    ramp = b"".join((value * 256).to_bytes(2, "little") for value in range(256))
    shown = decode(encode(Image.frombytes("I;16", (256, 1), ramp))).convert("L")
    assert len(set(shown.tobytes())) > 200


@pytest.mark.parametrize("orientation", range(1, 9))
def test_photo_is_turned_as_the_camera_was_held(orientation: int) -> None:
    photo = Image.new("RGB", (80, 40), "white")
    photo.paste("black", (0, 0, 40, 20))
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encode(photo, "JPEG", exif=exif)
    expected = ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("L")
    shown = decode(data).convert("L")
    assert shown.size == expected.size
    assert get_range(ImageChops.difference(shown, expected))[1] < 20


def test_stored_picture_can_be_imported() -> None:
    noise = Image.merge("RGBA", [Image.effect_noise((1600, 1600), 90)] * 4)
    picture = recode_picture(encode(noise, "WEBP", quality=80))
    assert len(picture.data) <= MAX_TRANSPARENT_PNG_BYTES
    assert recode_picture(picture.data).width == 1600
