"""Tell photos, animations and films apart by the first bytes of a file."""

import re
from typing import Literal

FileKind = Literal["photo", "film"]
HEADER_BYTES = 4096

NAMED_LIKE_PICTURES = frozenset(
    [
        *(".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".apng", ".webp", ".avif", ".heic", ".heif"),
        *(".bmp", ".dib", ".tif", ".tiff", ".gif", ".jp2"),
        *(".mp4", ".m4v", ".mov", ".3gp", ".3g2", ".mkv", ".webm", ".avi", ".flv", ".mpeg"),
        *(".mpg", ".mpe", ".m2v", ".m2ts", ".ogv", ".wmv", ".asf", ".mjpeg", ".mjpg", ".vob"),
    ]
)
"""A file with such a name and other contents is damaged, and is reported in a folder too. `.ts` and
`.mts` are also TypeScript, so these files count by their contents only."""

_PHOTO = re.compile(
    rb"\xff\xd8\xff|\x89PNG\r\n\x1a\n|GIF8[79]a|BM....\0\0\0\0|II[*+]\0|MM\0[*+]|RIFF....WEBP"
    rb"|\0\0\0\x0cjP  |\xff\x4f\xff\x51|P[1-7]\s",
    re.DOTALL,
)
_PHOTO_BRAND = re.compile(rb"....ftyp(avi[fs]|hei[cfsmx]|hev[cx]|mi[fa][12f]|msf1)", re.DOTALL)
_SOUND_BRAND = re.compile(rb"....ftypM4[ABP] ", re.DOTALL)
_FILM = re.compile(
    rb"....(ftyp|moov|mdat|wide|free|skip|pnot)|\x1aE\xdf\xa3|RIFF....AVI |FLV\x01"
    rb"|\x30\x26\xb2\x75\x8e\x66\xcf\x11|\0\0\x01[\xb3\xba]",
    re.DOTALL,
)
_TRANSPORT_STREAM = re.compile(rb"\x47.{187}\x47.{187}\x47|.{4}\x47.{191}\x47.{191}\x47", re.DOTALL)
_OGG_VIDEO = re.compile(rb"OggS.{24,}(\x80theora|OVP80|BBCD)", re.DOTALL)
_NEXT_JPEG = re.compile(rb"\xff\xd9\xff\xd8\xff")


def detect_kind(header: bytes) -> FileKind | None:
    """Return the kind of a file by its first `HEADER_BYTES`, or None where they tell nothing."""
    if _SOUND_BRAND.match(header):
        return None
    if _PHOTO.match(header) or _PHOTO_BRAND.match(header):
        return "photo"
    if _FILM.match(header) or _TRANSPORT_STREAM.match(header) or _OGG_VIDEO.match(header):
        return "film"
    return None


def is_motion_jpeg(data: bytes) -> bool:
    """Return whether a file that begins like a JPEG is a film of JPEGs, one after the other.

    Files with a multi-picture index (a preview, a gain map) are photos.
    """
    return b"MPF\0" not in data[: 1 << 16] and _NEXT_JPEG.search(data) is not None
