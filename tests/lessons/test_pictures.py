import io

import pytest
from PIL import Image

from fer_lms.lessons.content import pictures
from fer_lms.lessons.content.pictures import PictureError, recode_picture
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
