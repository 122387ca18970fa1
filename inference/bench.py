"""How long each stage takes, and how many frames a second the machine reads.

CPU time is what compares: it counts all threads of the process and hardly depends on who else is
busy. The stages take turns, so that a slow moment hits them all, each for `BLOCK` frames on end, so
that it finds its own data in the cache as it would at work. Medians are given.
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
from inference.imaging.alignment import aligned_crop
from inference.imaging.frames import check_jpeg, decode, open_cv
from inference.imaging.pictures import frames_of
from inference.pipeline import FacePipeline, load_pipeline

if TYPE_CHECKING:
    from multiprocessing.synchronize import Barrier

    import numpy as np
    import numpy.typing as npt

    from inference.imaging.frames import Image

FRAME = (320, 240)
QUALITY = 70
"""Size and JPEG quality of what a browser sends."""
VARIANTS = 8
BLOCK = 10
STAGES = ("guard", "decode", "face", "landmarks", "classify", "read")


def face_frames(photo: Path | None) -> list[bytes]:
    """JPEG frames of 320x240 with one face, shifted a little from one to the next.

    From `photo`, else from scikit-image's portrait. Raises PictureUnreadable where neither is to
    be had.
    """
    image = next(iter(frames_of(photo))).image if photo else _portrait()
    cv2 = open_cv()
    frames = []
    for i in range(VARIANTS):
        left, top = 2 * i, i
        shifted = cv2.resize(image[top:, left:], FRAME, interpolation=cv2.INTER_AREA)
        _, encoded = cv2.imencode(".jpg", shifted, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
        frames.append(encoded.tobytes())
    return frames


def _portrait() -> "Image":
    try:
        from skimage import data  # a development dependency
    except ImportError as error:
        raise PictureUnreadable(
            "bench needs a face: give one with --photo, or install scikit-image, which has one"
        ) from error
    portrait: Image = data.astronaut()[0:288, 64:448, ::-1]  # type: ignore[no-untyped-call]
    return portrait


def measure(jpegs: Sequence[bytes], rounds: int, seconds: float) -> dict[str, Any]:
    """The figures of `bench --json`. `landmarks` is null where MediaPipe cannot be had."""
    pipeline = load_pipeline()
    times = stage_times(stages(pipeline), [sample(pipeline, jpeg) for jpeg in jpegs], rounds)
    cores = available_cores()
    return {
        "stages": {name: times.get(name) for name in STAGES},
        "frames_per_second": {
            "1": round(read_rate(pipeline, jpegs, seconds), 1),
            "all": round(throughput(jpegs, cores, seconds), 1),
        },
        "processes": {"1": 1, "all": cores},
        "model": getattr(pipeline.classifier, "name", type(pipeline.classifier).__name__),
        "detector": pipeline.detector.kind,
        "threads": 1,
        "frame": {"width": FRAME[0], "height": FRAME[1], "bytes": len(jpegs[0])},
        "rounds": rounds,
    }


@dataclass(frozen=True)
class Sample:
    """One frame with what the later stages need, made outside the clock."""

    jpeg: bytes
    image: "Image"
    eyes: "npt.NDArray[np.float32]"


def sample(pipeline: FacePipeline, jpeg: bytes) -> Sample:
    """Raises PictureUnreadable where no face is found."""
    image = decode(jpeg)
    face = pipeline.detector.find(image).largest
    if face is None:
        raise PictureUnreadable("no face was found in the picture to measure with")
    return Sample(jpeg, image, face.eyes)


Stage = Callable[[Sample], object]


def stages(pipeline: FacePipeline) -> dict[str, Stage]:
    """`decode` contains the guard, `landmarks` finding the face, `read` everything.

    `face` is the light detector alone, `classify` the crop and the network.
    """
    light = open_detector(landmarks=False)
    found: dict[str, Stage] = {
        "guard": lambda each: check_jpeg(each.jpeg),
        "decode": lambda each: decode(each.jpeg),
        "face": lambda each: light.find(each.image),
    }
    if pipeline.detector.kind == "mediapipe":
        found["landmarks"] = lambda each: pipeline.detector.find(each.image)
    found["classify"] = lambda each: pipeline.classifier.classify(
        [aligned_crop(each.image, each.eyes)]
    )
    found["read"] = lambda each: pipeline.read(each.jpeg)
    return found


def stage_times(
    named: dict[str, Stage], samples: Sequence[Sample], rounds: int
) -> dict[str, dict[str, float]]:
    """Median CPU and wall milliseconds of each stage."""
    taken: dict[str, list[tuple[int, int]]] = {name: [] for name in named}
    for start in range(0, rounds, BLOCK):
        for name, stage in named.items():
            for turn in range(start, min(start + BLOCK, rounds)):
                wall, cpu = time.perf_counter_ns(), time.process_time_ns()
                stage(samples[turn % len(samples)])
                taken[name].append((time.process_time_ns() - cpu, time.perf_counter_ns() - wall))
    return {
        name: {
            "cpu_ms": round(statistics.median(cpu for cpu, _ in each) / 1e6, 4),
            "wall_ms": round(statistics.median(wall for _, wall in each) / 1e6, 4),
        }
        for name, each in taken.items()
    }


def available_cores() -> int:
    """Cores this process may use, which in a container is fewer than there are."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def throughput(jpegs: Sequence[bytes], processes: int, seconds: float) -> float:
    """Frames a second that so many processes read together, each with its own models."""
    spawn = multiprocessing.get_context("spawn")
    together = spawn.Barrier(processes)
    counts: multiprocessing.queues.Queue[float] = spawn.Queue()
    crowd = [
        spawn.Process(target=_read_for, args=(list(jpegs), seconds, together, counts), daemon=True)
        for _ in range(processes)
    ]
    for process in crowd:
        process.start()
    rates = [counts.get(timeout=60 + 2 * seconds) for _ in crowd]
    for process in crowd:
        process.join(10)
    return sum(rates)


def _read_for(
    jpegs: list[bytes],
    seconds: float,
    together: "Barrier",
    counts: "multiprocessing.queues.Queue[float]",
) -> None:
    pipeline = load_pipeline()
    together.wait(60)
    counts.put(read_rate(pipeline, jpegs, seconds))


def read_rate(pipeline: FacePipeline, jpegs: Sequence[bytes], seconds: float) -> float:
    """Frames a second, one after another, for so many seconds."""
    started = time.perf_counter()
    read = 0
    while time.perf_counter() - started < seconds:
        pipeline.read(jpegs[read % len(jpegs)])
        read += 1
    return read / (time.perf_counter() - started)


def as_text(figures: dict[str, Any]) -> str:
    """The same for people."""
    lines = ["stage       CPU ms  wall ms"]
    for name, each in figures["stages"].items():
        timed = f"{each['cpu_ms']:8.2f} {each['wall_ms']:8.2f}" if each else "  not available here"
        lines.append(f"{name:10}{timed}")
    for processes in ("1", "all"):
        number = figures["processes"][processes]
        rate = figures["frames_per_second"][processes]
        lines.append(f"{rate:.0f} frames/s with {number} process{'' if number == 1 else 'es'}")
    lines.append(f"model {figures['model']}, detector {figures['detector']}")
    return "\n".join(lines)
