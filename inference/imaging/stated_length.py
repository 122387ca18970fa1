"""Compare a file's length with the one that its container states.

RIFF: Microsoft's Multimedia Programming Interface 1.0. ISO base media: ISO/IEC 14496-12, 4.2.
Matroska: RFC 8794 (EBML) and RFC 9559. ASF: Advanced Systems Format specification, 3.2.
"""

import os
from typing import IO

MAX_BOXES = 10_000
ASF_HEADER = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
ASF_FILE_PROPERTIES = bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365")
EBML, SEGMENT = b"\x1a\x45\xdf\xa3", b"\x18\x53\x80\x67"


def is_cut_short(stream: IO[bytes]) -> bool:
    """Return whether the file ends before the length that it states; False where it states none."""
    length = os.fstat(stream.fileno()).st_size
    stream.seek(0)
    header = stream.read(4096)
    if header[:4] == b"RIFF":
        stated = 8 + int.from_bytes(header[4:8], "little")
    elif header[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"):
        stated = _find_end_of_boxes(stream, length)
    elif header[:4] == EBML:
        stated = _find_end_of_segment(header)
    elif header[:16] == ASF_HEADER:
        stated = _read_asf_length(header)
    else:
        stated = 0
    return stated > length


def _find_end_of_boxes(stream: IO[bytes], length: int) -> int:
    """Follow the top-level boxes; return the end of the one that reaches the end of the file."""
    position = 0
    for _ in range(MAX_BOXES):
        if position >= length:
            break
        stream.seek(position)
        head = stream.read(16)
        size = int.from_bytes(head[:4], "big")
        if size == 1:
            size = int.from_bytes(head[8:16], "big")
        if size < 8:  # 0: up to the end of the file
            break
        position += size
    return position


def _find_end_of_segment(header: bytes) -> int:
    """Return the end of a Matroska segment; 0 where its size is unknown, as in a live recording."""
    size, start = _read_ebml_size(header, 4)
    if size is None:
        return 0
    segment = start + size
    if header[segment : segment + 4] != SEGMENT:
        return 0
    size, start = _read_ebml_size(header, segment + 4)
    return 0 if size is None else start + size


def _read_ebml_size(data: bytes, position: int) -> tuple[int | None, int]:
    """Return the size of an element (None: unknown), and the position after it."""
    if position >= len(data) or data[position] == 0:
        return None, position
    width = 9 - data[position].bit_length()
    mask = (1 << (7 * width)) - 1
    value = int.from_bytes(data[position : position + width], "big") & mask
    return (None if value == mask else value), position + width


def _read_asf_length(header: bytes) -> int:
    """Return the file size of the File Properties object; 0 where it is a broadcast."""
    start = header.find(ASF_FILE_PROPERTIES)
    if start < 0:
        return 0
    is_broadcast = header[start + 88] & 1 if len(header) > start + 88 else 1
    return 0 if is_broadcast else int.from_bytes(header[start + 40 : start + 48], "little")
