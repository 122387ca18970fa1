"""The process that reads hostile input: one line of JSON for each frame or file.

Started by `tests.bench.hostile`, which notices where it dies or hangs.
"""

import json
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from fer_lms.streaming.wire.messages import HEADER, parse_header
from inference.errors import FrameRejected, PictureUnreadable
from inference.imaging.pictures import read_frames
from inference.pipeline import load_pipeline
from tests.bench.hostile.files import make_contents, make_file
from tests.bench.hostile.frames import make_frame, make_pictures

Read = Callable[[int], str]


def open_frame_reader() -> Read:
    pipeline, pictures = load_pipeline(), make_pictures()
    for picture in pictures[:5]:  # memory is measured after the first readings
        pipeline.read(picture)

    def read(seed: int) -> str:
        message = make_frame(seed, pictures)
        if parse_header(message) is None:
            return "bad_header"
        try:
            return pipeline.read(message[HEADER.size :]).quality
        except FrameRejected as rejection:
            return rejection.reason

    return read


def open_file_reader() -> Read:
    contents = make_contents()
    folder = Path(tempfile.mkdtemp(prefix="hostile-"))

    def read(seed: int) -> str:
        name, data = make_file(seed, contents)
        path = folder / name
        path.write_bytes(data)
        try:
            count = sum(1 for _ in read_frames(path))
        except PictureUnreadable as error:
            return type(error).__name__
        finally:
            path.unlink()
        return "one" if count == 1 else "several"

    return read


def main(kind: str, first: int, last: int) -> None:
    read = open_frame_reader() if kind == "frames" else open_file_reader()
    for number in range(first, last):
        print(json.dumps({"number": number}), flush=True)  # noqa: T201
        started = time.process_time()
        try:
            outcome = read(number)
        except Exception:  # what must not happen is counted
            outcome = "error: " + traceback.format_exc(limit=-3)
        result = {
            "outcome": outcome,
            "cpu_s": round(time.process_time() - started, 4),
            "rss_mb": _read_rss_mb(),
        }
        print(json.dumps(result), flush=True)  # noqa: T201


def _read_rss_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return round(pages * 4096 / 2**20, 1)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
