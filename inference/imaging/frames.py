"""Validate and decode a JPEG frame.

`check_jpeg` parses the markers in pure Python. The web process calls it for each frame before
anything else reads the bytes, so it imports no decoder. It takes well under 1 ms of CPU for any
input, because the number of segments, scans and marker-like bytes is bounded before they are
parsed. `decode` calls it again before it passes the bytes to OpenCV.

Marker syntax: ITU-T T.81, annex B.
"""

import re
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING

from inference.errors import FrameRejected

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Image = npt.NDArray[np.uint8]

SOI, EOI, SOS, RST, TEM = 0xD8, 0xD9, 0xDA, range(0xD0, 0xD8), 0x01
BASELINE = (0xC0, 0xC1)
"""SOF0 and SOF1: sequential Huffman coding, as browsers' canvases emit."""
NOT_BASELINE = frozenset({*range(0xC2, 0xD0), 0xDE, 0xDF} - {0xC4, 0xC8})
"""Progressive, lossless, hierarchical, arithmetic; 0xC4 is a Huffman table, 0xC8 reserved."""
FORBIDDEN = frozenset({*RST, SOI, TEM, 0xC8, 0xDC, *range(0x02, 0xC0)})
"""Not allowed between segments: standalone and reserved markers, DNL (redefines the height)."""

MAX_SCANS = 4
"""Each scan is a pass over all pixels; three components need three at most."""
MIN_BYTES_PER_FF, FF_CHECK_FROM_BYTES = 8, 16 * 1024
"""From 16 KiB on, at most one byte in eight may be 0xFF (real pictures: one in a hundred).

Each 0xFF is a possible marker, so this bounds the parsing time.
"""

_MARKER = re.compile(rb"\xff++([^\x00\xff])")
_END_OF_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7]")


@dataclass(frozen=True, slots=True)
class FrameLimits:
    """Maximum sizes of a frame, in bytes and pixels, in either orientation."""

    max_bytes: int = 96 * 1024
    max_pixels: int = 1280 * 720
    max_side: int = 1280
    max_segments: int = 64
    """Header segments (tables, comments, EXIF); a canvas writes about ten."""


FRAME_LIMITS = FrameLimits()


def check_jpeg(data: bytes, limits: FrameLimits = FRAME_LIMITS) -> tuple[int, int]:
    """Check that the bytes are one complete baseline JPEG within the limits, without decoding.

    Returns:
        (width, height) in pixels, from the frame header.

    Raises:
        FrameRejected: With a reason of `errors.REJECT_REASONS`. Bytes after the end marker are
            rejected as "truncated".
    """
    _check_envelope(data, limits)
    size: tuple[int, int] | None = None
    components = scans = 0
    position = 2
    for _ in range(limits.max_segments):
        marker, start, end = _parse_segment(data, position)
        if marker == EOI:
            return _check_end(data, start, size, scans)
        if marker in BASELINE:
            if size is not None:
                raise FrameRejected("corrupt", "two frame headers")
            size, components = _parse_frame_header(data[start:end], limits)
        elif marker == SOS:
            scans += 1
            _check_scan(data[start:end], scans, components)
            end = _find_end_of_scan(data, end)
        position = end
    raise FrameRejected("corrupt", f"more than {limits.max_segments} segments")


def _check_envelope(data: bytes, limits: FrameLimits) -> None:
    if not data:
        raise FrameRejected("empty")
    if len(data) > limits.max_bytes:
        raise FrameRejected("too_large", f"{len(data)} bytes")
    if data[:2] != b"\xff\xd8":
        raise FrameRejected("not_jpeg")
    if data[-2:] != b"\xff\xd9":
        raise FrameRejected("truncated", "the last two bytes are not an end marker")
    if len(data) > FF_CHECK_FROM_BYTES and data.count(b"\xff") * MIN_BYTES_PER_FF > len(data):
        raise FrameRejected("corrupt", "too many marker bytes")


def _parse_segment(data: bytes, position: int) -> tuple[int, int, int]:
    """Return the marker at `position`, and the start and end of its payload."""
    found = _MARKER.match(data, position)
    if found is None:
        raise FrameRejected("corrupt", "no marker after a segment")
    marker, start = found[1][0], found.end()
    if marker == EOI:
        return marker, start, start
    if marker in NOT_BASELINE:
        raise FrameRejected("not_baseline", f"marker 0x{marker:02X}")
    if marker in FORBIDDEN:
        raise FrameRejected("corrupt", f"marker 0x{marker:02X} out of place")
    length = int.from_bytes(data[start : start + 2], "big")
    if length < 2:
        raise FrameRejected("corrupt", "segment without a length")
    if start + length > len(data):
        raise FrameRejected("truncated", "a segment is longer than the file")
    return marker, start + 2, start + length


def _parse_frame_header(payload: bytes, limits: FrameLimits) -> tuple[tuple[int, int], int]:
    """Return ((width, height), components) of a SOF segment."""
    if len(payload) < 6:
        raise FrameRejected("corrupt", "short frame header")
    if payload[0] != 8:
        raise FrameRejected("not_baseline", f"{payload[0]} bits a sample")
    height = int.from_bytes(payload[1:3], "big")
    width = int.from_bytes(payload[3:5], "big")
    components = payload[5]
    if components not in (1, 3):
        raise FrameRejected("bad_components", str(components))
    if not (width and height):
        raise FrameRejected("bad_dimensions", "zero")
    if max(width, height) > limits.max_side or width * height > limits.max_pixels:
        raise FrameRejected("bad_dimensions", f"{width}x{height}")
    if len(payload) != 6 + 3 * components:
        raise FrameRejected("corrupt", "frame header of the wrong length")
    return (width, height), components


def _check_scan(payload: bytes, scans: int, components: int) -> None:
    """Check a scan header; `components` is 0 where no frame header came before."""
    if scans > MAX_SCANS:
        raise FrameRejected("too_many_scans")
    if not payload or not 1 <= payload[0] <= components:
        raise FrameRejected("corrupt", "a scan of components that the frame does not have")
    if len(payload) != 4 + 2 * payload[0]:
        raise FrameRejected("corrupt", "scan header of the wrong length")


def _find_end_of_scan(data: bytes, position: int) -> int:
    """Return the position of the first marker after the entropy-coded data and its restarts."""
    found = _END_OF_SCAN.search(data, position)
    if found is None:
        raise FrameRejected("truncated", "a scan without an end")
    return found.start()


def _check_end(data: bytes, end: int, size: tuple[int, int] | None, scans: int) -> tuple[int, int]:
    if end != len(data):
        raise FrameRejected("truncated", "bytes after the end marker")
    if size is None or not scans:
        raise FrameRejected("corrupt", "an end without a picture")
    return size


def decode(data: bytes, limits: FrameLimits = FRAME_LIMITS) -> "Image":
    """Decode a frame; EXIF orientation is ignored, since a canvas writes none.

    Returns:
        uint8 [height, width, 3], BGR; grey pictures are expanded to three channels.

    Raises:
        FrameRejected: As `check_jpeg`, or "corrupt" where the decoder fails or returns another
            size than the header states.
    """
    width, height = check_jpeg(data, limits)
    cv2 = load_cv2()
    import numpy as np

    try:
        image: Image | None = cv2.imdecode(
            np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION
        )
    except cv2.error as error:
        raise FrameRejected("corrupt", "the decoder failed") from error
    if image is None or image.shape != (height, width, 3):
        raise FrameRejected("corrupt", "the decoder refused")
    return image


@cache
def load_cv2() -> ModuleType:
    """Import cv2 with one thread; `inference.opencv_settings` has its other settings."""
    import cv2

    cv2.setNumThreads(1)  # one process per core
    return cv2
