"""Measure the time of each stage and the frames per second of this machine.

CPU time is the metric to compare: it counts all threads of the process and hardly depends on other
load. The stages run interleaved, in blocks of `BLOCK` frames so that caches are warm as in normal
operation. Results are medians.
"""

import multiprocessing
import multiprocessing.queues
import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inference.detection.faces import open_detector
from inference.errors import PictureUnreadable
from inference.imaging.alignment import align_face
from inference.imaging.frames import check_jpeg, decode, load_cv2
from inference.imaging.pictures import read_frames
from inference.pipeline import FacePipeline, load_pipeline
from inference.stream_bench import (
    format_streams,
    load_clips,
    make_still_clip,
    measure_streams,
)

if TYPE_CHECKING:
    from multiprocessing.synchronize import Barrier

    import numpy as np
    import numpy.typing as npt

    from inference.imaging.frames import Image

FRAME_SIZE = (320, 240)
QUALITY = 70
"""Size and JPEG quality of the frames that a browser sends."""
FRAME_COUNT = 8
BLOCK = 10
STAGES = ("guard", "decode", "face", "landmarks", "classify", "read")


def make_face_frames(photo: Path | None) -> list[bytes]:
    """Make JPEG frames of 320x240 with one face, each shifted a little.

    Args:
        photo: A picture of a face; scikit-image's portrait by default.

    Raises:
        PictureUnreadable: Neither is available.
    """
    image = next(iter(read_frames(photo))).image if photo else _load_portrait()
    cv2 = load_cv2()
    frames = []
    for i in range(FRAME_COUNT):
        left, top = 2 * i, i
        shifted = cv2.resize(image[top:, left:], FRAME_SIZE, interpolation=cv2.INTER_AREA)
        _, encoded = cv2.imencode(".jpg", shifted, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
        frames.append(encoded.tobytes())
    return frames


def _load_portrait() -> "Image":
    try:
        from skimage import data  # a development dependency
    except ImportError as error:
        raise PictureUnreadable(
            "no picture of a face; give one with --photo, or install scikit-image"
        ) from error
    portrait: Image = data.astronaut()[0:288, 64:448, ::-1]  # type: ignore[no-untyped-call]
    return portrait


def measure(
    jpegs: Sequence[bytes], rounds: int, seconds: float, clips: Path | None = None
) -> dict[str, Any]:
    """Return the metrics of `bench --json`.

    `landmarks` is null where no detector has landmarks. `streams` and `read_over_reference` are
    null without a folder of clips, `still_streams` without scikit-image, all where MediaPipe is
    unavailable (`stream_bench`).
    """
    pipeline = load_pipeline()
    streams = measure_streams(pipeline, load_clips(clips)) if clips else None
    try:
        still_streams = measure_streams(pipeline, [make_still_clip(_load_portrait())], learners=1)
    except PictureUnreadable:
        still_streams = None
    times = measure_stages(
        build_stages(pipeline), [prepare_sample(pipeline, jpeg) for jpeg in jpegs], rounds
    )
    cores = count_available_cores()
    return {
        "stages": {name: times.get(name) for name in STAGES},
        "frames_per_second": {
            "1": round(measure_read_rate(pipeline, jpegs, seconds), 1),
            "all": round(measure_throughput(jpegs, cores, seconds), 1),
        },
        "processes": {"1": 1, "all": cores},
        "model": getattr(pipeline.classifier, "name", type(pipeline.classifier).__name__),
        "detector": pipeline.detector.kind,
        "threads": 1,
        "frame": {"width": FRAME_SIZE[0], "height": FRAME_SIZE[1], "bytes": len(jpegs[0])},
        "rounds": rounds,
        "streams": streams,
        "still_streams": still_streams,
        "read_over_reference": streams["2"]["over_reference"] if streams else None,
    }


@dataclass(frozen=True)
class Sample:
    """One frame with the inputs of the later stages, prepared before timing."""

    jpeg: bytes
    image: "Image"
    eyes: "npt.NDArray[np.float32]"


def prepare_sample(pipeline: FacePipeline, jpeg: bytes) -> Sample:
    """Decode a frame and detect its face. Raises PictureUnreadable where there is none."""
    image = decode(jpeg)
    face = pipeline.detector.detect(image).largest
    if face is None:
        raise PictureUnreadable(
            "no face was found in the picture to measure with; give another with --photo"
        )
    return Sample(jpeg, image, face.eyes)


Stage = Callable[[Sample], object]


def build_stages(pipeline: FacePipeline) -> dict[str, Stage]:
    """Return the stages by name.

    `decode` includes the guard, `landmarks` the detection, `read` everything; `face` is BlazeFace
    alone, `classify` the crop and the network.
    """
    blazeface = open_detector(landmarks=False)
    stages: dict[str, Stage] = {
        "guard": lambda sample: check_jpeg(sample.jpeg),
        "decode": lambda sample: decode(sample.jpeg),
        "face": lambda sample: blazeface.detect(sample.image),
    }
    if pipeline.detector.kind != "opencv-blazeface":
        stages["landmarks"] = lambda sample: pipeline.detector.detect(sample.image)
    stages["classify"] = lambda sample: pipeline.classifier.classify(
        [align_face(sample.image, sample.eyes)]
    )
    stages["read"] = lambda sample: pipeline.read(sample.jpeg)
    return stages


def measure_stages(
    stages: dict[str, Stage], samples: Sequence[Sample], rounds: int
) -> dict[str, dict[str, float]]:
    """Return the median CPU and wall milliseconds of each stage."""
    durations: dict[str, list[tuple[int, int]]] = {name: [] for name in stages}
    for start in range(0, rounds, BLOCK):
        for name, stage in stages.items():
            for index in range(start, min(start + BLOCK, rounds)):
                wall, cpu = time.perf_counter_ns(), time.process_time_ns()
                stage(samples[index % len(samples)])
                durations[name].append(
                    (time.process_time_ns() - cpu, time.perf_counter_ns() - wall)
                )
    return {
        name: {
            "cpu_ms": round(statistics.median(cpu for cpu, _ in pairs) / 1e6, 4),
            "wall_ms": round(statistics.median(wall for _, wall in pairs) / 1e6, 4),
        }
        for name, pairs in durations.items()
    }


def count_available_cores() -> int:
    """Return the number of cores that this process may use, as limited by a container."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def measure_throughput(jpegs: Sequence[bytes], processes: int, seconds: float) -> float:
    """Return the frames per second of several processes together, each with its own models."""
    spawn = multiprocessing.get_context("spawn")
    barrier = spawn.Barrier(processes)
    counts: multiprocessing.queues.Queue[float] = spawn.Queue()
    workers = [
        spawn.Process(
            target=_measure_in_process, args=(list(jpegs), seconds, barrier, counts), daemon=True
        )
        for _ in range(processes)
    ]
    for process in workers:
        process.start()
    rates = [counts.get(timeout=60 + 2 * seconds) for _ in workers]
    for process in workers:
        process.join(10)
    return sum(rates)


def _measure_in_process(
    jpegs: list[bytes],
    seconds: float,
    barrier: "Barrier",
    counts: "multiprocessing.queues.Queue[float]",
) -> None:
    pipeline = load_pipeline()
    barrier.wait(60)
    counts.put(measure_read_rate(pipeline, jpegs, seconds))


def measure_read_rate(pipeline: FacePipeline, jpegs: Sequence[bytes], seconds: float) -> float:
    """Return the frames per second of one process over `seconds`."""
    started = time.perf_counter()
    count = 0
    while time.perf_counter() - started < seconds:
        pipeline.read(jpegs[count % len(jpegs)])
        count += 1
    return count / (time.perf_counter() - started)


def format_text(metrics: dict[str, Any]) -> str:
    """Format the metrics of `measure` as text."""
    lines = ["stage       CPU ms  wall ms"]
    for name, times in metrics["stages"].items():
        row = f"{times['cpu_ms']:8.2f} {times['wall_ms']:8.2f}" if times else "  not available"
        lines.append(f"{name:10}{row}")
    for processes in ("1", "all"):
        number = metrics["processes"][processes]
        rate = metrics["frames_per_second"][processes]
        lines.append(f"{rate:.0f} frames/s with {number} process{'' if number == 1 else 'es'}")
    for key, name in (("streams", "clips"), ("still_streams", "a still person")):
        if metrics[key]:
            lines += format_streams(name, metrics[key])
    lines.append(f"model {metrics['model']}, detector {metrics['detector']}")
    return "\n".join(lines)
