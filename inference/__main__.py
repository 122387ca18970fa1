"""python -m inference: read photos and videos, measure speed, fetch the models.

Results go to stdout, progress and errors to stderr; what goes wrong is one plain line and exit
code 2.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from inference.errors import InferenceError, PictureUnreadable
from inference.imaging.pictures import Picture, expand, frame_count, frames_of
from inference.results import FaceBox, FaceReading

FAILED = 2


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    options = _parser().parse_args(arguments)
    try:
        code = int(options.run(options))
        sys.stdout.flush()
        return code
    except BrokenPipeError:  # the reader of our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (InferenceError, OSError) as error:
        return _complain(error)
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m inference", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    read = commands.add_parser("read", help="one reading for each photo and each video frame")
    read.add_argument("files", nargs="+", type=Path, metavar="FILE|FOLDER")
    read.add_argument("--json", action="store_true", help="a JSON list instead of a table")
    read.add_argument("--no-landmarks", action="store_true", help="boxes and expressions only")
    read.set_defaults(run=read_command)

    bench = commands.add_parser("bench", help="time of each stage, frames per second")
    bench.add_argument("--json", action="store_true")
    bench.add_argument("--photo", type=Path, help="a face to measure with (else scikit-image's)")
    bench.add_argument("--seconds", type=float, default=5.0, help="for each throughput figure")
    bench.add_argument("--rounds", type=int, default=200, help="measurements of each stage")
    bench.set_defaults(run=bench_command)

    fetch = commands.add_parser("fetch-models", help="find or download the pinned model files")
    fetch.set_defaults(run=fetch_command)
    return parser


def read_command(options: argparse.Namespace) -> int:
    """What cannot be read, or is not there, is named at the end and does not stop the others."""
    from inference.pipeline import load_pipeline

    files, failures = expand(options.files)
    if not files:
        return _complain_of(failures)
    pipeline = load_pipeline(landmarks=not options.no_landmarks)
    rows: list[dict[str, Any]] = []
    for file in files:
        try:
            rows += [row(each, pipeline.read_image(each.image)) for each in _with_progress(file)]
        except PictureUnreadable as error:
            failures.append(error)
    print(json.dumps(rows, indent=1) if options.json else table(rows))
    return _complain_of(failures)


def _complain_of(failures: list[PictureUnreadable]) -> int:
    for failure in failures:
        _complain(failure)
    return FAILED if failures else 0


def _with_progress(file: Path) -> Iterator[Picture]:
    from tqdm import tqdm

    total = frame_count(file)
    # disable=None: no bar where stderr is no terminal
    return iter(tqdm(frames_of(file), desc=file.name, total=total, unit="frame", disable=None))


def row(picture: Picture, reading: FaceReading) -> dict[str, Any]:
    """One entry of `read --json`; the box in pixels of the original picture."""
    return {
        "file": str(picture.file),
        "frame": picture.frame,
        "quality": reading.quality,
        "face": asdict(_enlarged(reading.face, picture.reduced_by)) if reading.face else None,
        "face_count": reading.face_count,
        "expressions": dict(reading.expressions.as_dict()) if reading.expressions else None,
        "pose": asdict(reading.pose) if reading.pose else None,
        "signs": reading.signs.as_dict() if reading.signs else None,
    }


def _enlarged(box: FaceBox, by: float) -> FaceBox:
    return replace(box, x=box.x * by, y=box.y * by, width=box.width * by, height=box.height * by)


def table(rows: list[dict[str, Any]]) -> str:
    """The readings for people: one line each."""
    lines = [("file", "frame", "quality", "faces", "strongest expression", "yaw pitch roll")]
    lines += [_cells(each) for each in rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def _cells(each: dict[str, Any]) -> tuple[str, str, str, str, str, str]:
    scores, pose = each["expressions"], each["pose"]
    strongest = max(scores, key=scores.get) if scores else ""
    return (
        Path(each["file"]).name,
        str(each["frame"]),
        each["quality"],
        str(each["face_count"]),
        f"{strongest} {scores[strongest]:.2f}" if scores else "-",
        " ".join(f"{pose[name]:+.0f}" for name in ("yaw", "pitch", "roll")) if pose else "-",
    )


def bench_command(options: argparse.Namespace) -> int:
    from inference import bench

    figures = bench.measure(bench.face_frames(options.photo), options.rounds, options.seconds)
    print(json.dumps(figures, indent=1) if options.json else bench.as_text(figures))
    return 0


def fetch_command(_options: argparse.Namespace) -> int:
    from inference.errors import ModelError
    from inference.models.store import MANIFEST, fetch, find, model_folder

    for model in MANIFEST:
        try:
            find(model)
            print(f"{model.name}: already in {model_folder()}, sha256 as pinned")
        except ModelError:
            fetch(model, report=print)
    return 0


def _complain(error: Exception) -> int:
    print(f"python -m inference: {error}", file=sys.stderr)
    return FAILED


if __name__ == "__main__":
    sys.exit(main())
