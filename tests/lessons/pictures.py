"""Generated pictures for uploads."""

import io

from PIL import Image


def photograph(*, size: tuple[int, int] = (64, 48), form: str = "JPEG") -> bytes:
    file = io.BytesIO()
    picture = Image.linear_gradient("L").resize(size).convert("RGB")
    exif = Image.Exif()
    exif[0x010F] = "Maker of cameras"
    exif[0x8825] = {1: "N", 2: (52.0, 31.0, 0.0)}
    picture.save(file, form, exif=exif)
    return file.getvalue()
