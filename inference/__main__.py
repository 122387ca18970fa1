"""Read photos and videos, measure speed, fetch the models.

Results go to stdout, progress and errors to stderr. An error is one line and exit code 2.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import asdict, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from inference.affect import derive_affect
from inference.command_line import (
    FAILED,
    add_examples,
    parse_positive_count,
    parse_positive_number,
    report_error,
    run_program,
)
from inference.errors import InferenceError, PictureUnreadable
from inference.imaging.pictures import Picture, count_frames, list_files, read_frames
from inference.results import FaceBox, FaceReading
from inference.smoothing import StreamSmoother, compute_total_variation

PROGRAM = "python -m inference"


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return the exit code."""
    return run_program(PROGRAM, lambda: _run(arguments), InferenceError)


def _run(arguments: list[str] | None) -> int:
    options = _build_parser().parse_args(arguments)
    return int(options.run(options))


def _build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=PROGRAM, description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    read = commands.add_parser("read", help="one reading for each photo and each video frame")
    read.add_argument("files", nargs="+", type=Path, metavar="FILE|FOLDER")
    read.add_argument("--json", action="store_true", help="a JSON list instead of a table")
    read.add_argument("--no-landmarks", action="store_true", help="boxes and expressions only")
    read.add_argument(
        "--fps",
        type=parse_positive_number,
        help="frames of a file are a stream at this rate: add smoothed scores, and how much the "
        "scores vary between frames",
    )
    read.set_defaults(run=read_command)

    if find_spec("inference.bench"):  # an installation has no benchmarks
        _add_bench_parser(commands)

    fetch = commands.add_parser("fetch-models", help="find or download the pinned model files")
    fetch.set_defaults(run=fetch_command)
    examples = [f"{PROGRAM} read photos/ film.mp4 --json", f"{PROGRAM} fetch-models"]
    if "bench" in commands.choices:
        examples.append(f"{PROGRAM} bench --seconds 1 --json")
    add_examples(parser, *examples)
    return parser


def _add_bench_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    bench = commands.add_parser("bench", help="time of each stage, frames per second")
    bench.add_argument("--json", action="store_true")
    bench.add_argument(
        "--photo", type=Path, help="picture of a face (default: one of scikit-image)"
    )
    bench.add_argument(
        "--clips",
        type=Path,
        default=os.environ.get("FER_MEDIA"),
        help="folder of clips that are read as streams (default: FER_MEDIA)",
    )
    bench.add_argument(
        "--seconds",
        type=parse_positive_number,
        default=5.0,
        help="length of each throughput measurement",
    )
    bench.add_argument(
        "--rounds", type=parse_positive_count, default=200, help="measurements of each stage"
    )
    bench.set_defaults(run=bench_command)


def read_command(options: argparse.Namespace) -> int:
    """Read all files; those that fail are reported at the end."""
    from inference.detection.tiles import TiledDetector
    from inference.pipeline import load_pipeline

    files, failures = list_files(options.files)
    if not files:
        return _report_failures(failures)
    pipeline = load_pipeline(landmarks=not options.no_landmarks)
    pipeline.detector = TiledDetector(pipeline.detector)
    rows: list[dict[str, Any]] = []
    for file in files:
        smoother = StreamSmoother()
        readings: list[FaceReading] = []
        try:
            for picture in _iterate_with_progress(file):
                reading = pipeline.read_image(picture.image)
                if options.fps:
                    time_s = picture.frame / options.fps
                    reading = smoother.update(reading, time_s, picture.image)
                readings.append(reading)
                rows.append(build_row(picture, reading))
        except PictureUnreadable as error:
            failures.append(error)
        if options.fps:
            print(describe_variation(file, readings), file=sys.stderr)
    print(json.dumps(rows, indent=1) if options.json else format_table(rows))
    return _report_failures(failures)


def describe_variation(file: Path, readings: list[FaceReading]) -> str:
    """Return a line with the total variation of raw and of smoothed scores between frames."""
    raw = [reading.expressions for reading in readings if reading.expressions]
    smooth = [reading.smoothed for reading in readings if reading.smoothed]
    return (
        f"{file.name}: {len(raw)} frames with expressions; total variation between frames "
        f"{compute_total_variation(raw):.4f}, smoothed {compute_total_variation(smooth):.4f}"
    )


def _report_failures(failures: list[PictureUnreadable]) -> int:
    for failure in failures:
        report_error(PROGRAM, failure)
    return FAILED if failures else 0


def _iterate_with_progress(file: Path) -> Iterator[Picture]:
    from tqdm import tqdm

    total = count_frames(file)
    # disable=None: no bar if stderr is not a terminal
    return iter(tqdm(read_frames(file), desc=file.name, total=total, unit="frame", disable=None))


def build_row(picture: Picture, reading: FaceReading) -> dict[str, Any]:
    """Return one entry of `read --json`, the box in pixels of the original picture."""
    return {
        "file": str(picture.file),
        "frame": picture.frame,
        "quality": reading.quality,
        "face": asdict(_scale_box(reading.face, picture.reduced_by)) if reading.face else None,
        "face_count": reading.face_count,
        "expressions": dict(reading.expressions.as_dict()) if reading.expressions else None,
        "pose": asdict(reading.pose) if reading.pose else None,
        "signs": reading.signs.as_dict() if reading.signs else None,
        "affect": _derive_affect(reading),
        **({"smoothed": dict(reading.smoothed.as_dict())} if reading.smoothed else {}),
    }


def _derive_affect(reading: FaceReading) -> dict[str, float] | None:
    affect = derive_affect(reading.expressions) if reading.expressions else None
    return asdict(affect) if affect else None


def _scale_box(box: FaceBox, factor: float) -> FaceBox:
    return replace(
        box,
        x=box.x * factor,
        y=box.y * factor,
        width=box.width * factor,
        height=box.height * factor,
    )


def format_table(rows: list[dict[str, Any]]) -> str:
    """Format the readings as a table, one line each."""
    lines = [("file", "frame", "quality", "faces", "strongest expression", "yaw pitch roll")]
    lines += [_format_cells(row) for row in rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def _format_cells(row: dict[str, Any]) -> tuple[str, str, str, str, str, str]:
    scores, pose = row["expressions"], row["pose"]
    strongest = max(scores, key=scores.get) if scores else ""
    return (
        Path(row["file"]).name,
        str(row["frame"]),
        row["quality"],
        str(row["face_count"]),
        f"{strongest} {scores[strongest]:.2f}" if scores else "-",
        " ".join(f"{pose[name]:+.0f}" for name in ("yaw", "pitch", "roll")) if pose else "-",
    )


def bench_command(options: argparse.Namespace) -> int:
    from inference import bench

    frames = bench.make_face_frames(options.photo)
    metrics = bench.measure(frames, options.rounds, options.seconds, options.clips)
    print(json.dumps(metrics, indent=1) if options.json else bench.format_text(metrics))
    return 0


def fetch_command(_options: argparse.Namespace) -> int:
    from inference.errors import ModelError
    from inference.models.store import MANIFEST, fetch_model, find_model, get_model_folder

    for model in MANIFEST:
        try:
            find_model(model)
            print(f"{model.name}: already in {get_model_folder()}, sha256 as pinned")
        except ModelError:
            fetch_model(model, report=print)
    return 0


if __name__ == "__main__":
    sys.exit(main())
