"""Train one network on FER+ votes; read it top to bottom.

Two cores are enough: most epochs see small pictures, the last ones the full input size. One
process a core, each with half of every batch, was 1.2 to 1.3 times faster here than one process
with two threads, which meet after every layer rather than once a step. The weights that are kept
are a running average, chosen by their loss on the validation part.
"""

import json
import math
import multiprocessing
import os
import time
from dataclasses import asdict, dataclass
from multiprocessing.queues import SimpleQueue
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from torch import Tensor, distributed
from torch.multiprocessing.spawn import ProcessException, spawn
from tqdm import tqdm

from inference.training.data.batches import FaceViews, iterate_plain_batches
from inference.training.data.dataset import FaceDataset, Floats, Targets, build_soft_targets
from inference.training.data.face_alignment import align_training_faces
from inference.training.data.splits import Split, make_split, validate_split
from inference.training.errors import BadData, LossIsNoNumber, TrainingRefused
from inference.training.evaluate.held_out import (
    learned_from,
    once_each,
    refuse_other_faces,
    refuse_other_split,
    start_learned_from,
)
from inference.training.evaluate.scores import validation_scores
from inference.training.file_lock import alone_in, end_with_parent
from inference.training.networks.initial_weights import SCRATCH, describe_initial_weights
from inference.training.records import BEST as BEST
from inference.training.records import RUN_RECORD, read_json, run_facts, write_json
from inference.training.settings import Settings
from inference.training.train.live_teachers import open_teachers
from inference.training.train.state import TrainingState, first_state
from inference.training.train.steps import train_epoch
from inference.training.train.teachers import LiveTeachers, TeacherScores, balanced, taught

CHECKPOINT = "checkpoint.pt"
MEETING_POINT = "processes.meet"
MALLOC = ("MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_")
FACES_FOR_STATISTICS = 256
Refusals = SimpleQueue[Exception]
AnyTeachers = TeacherScores | LiveTeachers


@dataclass(frozen=True)
class Lesson:
    """All that every process of a run needs to know."""

    faces: FaceDataset
    looks: FaceViews
    targets: Targets
    split: Split
    settings: Settings
    run: Path
    start: str
    last_epoch: int
    resumes: bool
    record: dict[str, Any]
    """what the run's record is to say once its weights are loaded"""
    live: tuple[Path, ...]
    """runs that are asked about every view"""


def train(
    faces: FaceDataset,
    settings: Settings,
    run: Path,
    start: str = SCRATCH,
    eyes: Floats | None = None,
    teachers: AnyTeachers | None = None,
    last_epoch: int | None = None,
) -> list[dict[str, Any]]:
    """Train into the folder `run`, going on from its checkpoint where there is one.

    `start` is "imagenet", "released", "scratch" or a checkpoint's path. With `eyes` ([N, 2, 2] as
    `detect_eyes` gives them) half of the pictures are aligned ones. `last_epoch` stops early, to be
    resumed. Returns the log, a line an epoch. Raises TrainingRefused; whatever happens, the last
    good checkpoint stays.
    """
    split = validate_split(
        make_split(settings.split, faces, settings.split_seed, settings.validation_share), faces
    )
    if len(split.train) < settings.batch_size:
        raise BadData(
            f"{len(split.train)} training faces are fewer than one batch; "
            f"give a --batch-size below {settings.batch_size}"
        )
    with alone_in(run, "train.lock", f"another program trains into {run}; wait, or end it"):
        resumes = (run / CHECKPOINT).exists()
        record = _record_so_far(run) if resumes else _new_record(faces, settings, start)
        _refuse_leaks(record, faces, settings, run, teachers)
        lesson = Lesson(
            faces=faces,
            looks=(faces.images,) if eyes is None else _both_looks(faces, eyes),
            targets=_targets(faces, settings, split, teachers),
            split=split,
            settings=settings,
            run=run,
            start=start,
            last_epoch=settings.epochs if last_epoch is None else last_epoch,
            resumes=resumes,
            record=_with_what_is_given(record, settings, eyes, teachers),
            live=teachers.runs if isinstance(teachers, LiveTeachers) else (),
        )
        _run_processes(lesson)
    log: list[dict[str, Any]] = read_json(run / RUN_RECORD)["log"]
    return log


def _both_looks(faces: FaceDataset, eyes: Floats) -> FaceViews:
    return faces.images, align_training_faces(faces.images, eyes)


def _targets(
    faces: FaceDataset, settings: Settings, split: Split, teachers: AnyTeachers | None
) -> Targets:
    targets = build_soft_targets(faces)
    if isinstance(teachers, TeacherScores):
        targets = taught(targets, teachers, settings.teacher_share)
    if settings.balance:
        targets = balanced(targets, faces, split.train, settings.balance)
    return targets


def _run_processes(lesson: Lesson) -> None:
    processes = lesson.settings.processes
    if processes == 1:
        _train_rank(0, lesson)
        return
    (lesson.run / MEETING_POINT).unlink(missing_ok=True)
    refusals: Refusals = multiprocessing.get_context("spawn").SimpleQueue()
    try:
        spawn(_train_or_say_why_not, (lesson, refusals), nprocs=processes)  # type: ignore[no-untyped-call]
    except ProcessException:
        if refusals.empty():
            raise
        raise refusals.get() from None


def _train_or_say_why_not(rank: int, lesson: Lesson, refusals: Refusals) -> None:
    """What a process raises arrives as the text of a traceback; a refusal arrives as itself."""
    try:
        _train_rank(rank, lesson)
    except (TrainingRefused, OSError) as refusal:
        refusals.put(refusal)
        raise


def _record_so_far(run: Path) -> dict[str, Any]:
    record: dict[str, Any] = read_json(run / RUN_RECORD)
    return record


def _new_record(faces: FaceDataset, settings: Settings, start: str) -> dict[str, Any]:
    """The record's beginning; a run that starts from another one's weights holds its record too."""
    before = Path(start).parent / RUN_RECORD
    return {
        **run_facts(_as_json(settings), faces.sha256),
        "source": faces.source,
        "start": describe_initial_weights(settings.architecture, start),
        "before": read_json(before) if Path(start).is_file() and before.exists() else None,
        "learned_from": start_learned_from(start, settings.architecture),
        "malloc": {name: os.environ.get(name) for name in MALLOC},
        "log": [],
    }


def _as_json(settings: Settings) -> dict[str, Any]:
    """Through JSON, so that tuples compare equal to the lists that were read."""
    known: dict[str, Any] = json.loads(json.dumps(asdict(settings)))
    return known


def _refuse_leaks(
    record: dict[str, Any],
    faces: FaceDataset,
    settings: Settings,
    run: Path,
    teachers: AnyTeachers | None,
) -> None:
    """Nothing that these weights went through may have seen what is held out now."""
    refuse_other_faces(run, record, faces.sha256)
    wanted = asdict(settings)
    own = {name: record[name] for name in ("settings", "data_sha256")}
    refuse_other_split(f"the run in {run}", learned_from(own), wanted, faces.sha256)
    refuse_other_split(
        f"what {run} starts from ({record['start']})", learned_from(record), wanted, faces.sha256
    )
    if teachers:
        names = ", ".join(each["run"] for each in teachers.said)
        refuse_other_split(f"a teacher ({names})", teachers.learned_from, wanted, faces.sha256)


def _with_what_is_given(
    record: dict[str, Any],
    settings: Settings,
    eyes: Floats | None,
    teachers: AnyTeachers | None,
) -> dict[str, Any]:
    """A run may go on otherwise, with a shorter schedule say; the record keeps how it was."""
    given = {
        "settings": _as_json(settings),
        "aligned_faces": 0 if eyes is None else int((~np.isnan(eyes[:, 0, 0])).sum()),
        "teachers": teachers.said if teachers else [],
    }
    seen = record.get("learned_from", []) + (teachers.learned_from if teachers else [])
    former = {name: record[name] for name in given if name in record}
    # A record from before a setting existed: what it would have said is the default.
    known = {**former, "settings": {**_as_json(Settings()), **record["settings"]}}
    if record["log"] and {**given, **known} != given:
        was = {**former, "until_epoch": len(record["log"])}
        record = {**record, "former_settings": [*record.get("former_settings", []), was]}
    return {**record, **given, "learned_from": once_each(seen)}


def _train_rank(rank: int, lesson: Lesson) -> None:
    """What each process runs; process 0 also validates, logs and saves."""
    settings, run, split = lesson.settings, lesson.run, lesson.split
    end_with_parent()
    torch.set_num_threads(1)
    cv2.setNumThreads(0)
    if settings.processes > 1:
        meeting = f"file://{(run / MEETING_POINT).resolve()}"
        distributed.init_process_group("gloo", meeting, rank=rank, world_size=settings.processes)
    # A checkpoint holds all weights; what the run started from may be gone by now.
    start = SCRATCH if lesson.resumes else lesson.start
    state = first_state(settings, start, _some_faces(lesson))
    if lesson.resumes:
        state.load(run / CHECKPOINT)
    teachers = open_teachers(lesson.live)
    if rank == 0:
        write_json(run / RUN_RECORD, lesson.record)
    while state.epoch < lesson.last_epoch and not is_out_of_patience(state, settings):
        torch.manual_seed(settings.seed * 1_000_003 + state.epoch * 101 + rank)
        began = time.monotonic()
        loss = train_epoch(
            state, settings, rank, lesson.looks, lesson.targets, split.train, teachers
        )
        state.seconds += time.monotonic() - began
        if rank == 0:
            _judge(state, lesson, loss)
        share_best_epoch(state, settings.processes)
        state.epoch += 1
        if rank == 0:
            state.save(run / CHECKPOINT)
    if settings.processes > 1:
        distributed.destroy_process_group()


def _some_faces(lesson: Lesson) -> Tensor:
    rows = lesson.split.train[:FACES_FOR_STATISTICS]
    return next(iterate_plain_batches(lesson.faces, rows, lesson.settings.side, len(rows)))


def is_out_of_patience(state: TrainingState, settings: Settings) -> bool:
    """Early stop: no lower validation loss for `patience` epochs at the last side."""
    waited = state.epoch - 1 - state.best_epoch
    return bool(settings.patience and state.best_epoch >= 0 and waited >= settings.patience)


def share_best_epoch(state: TrainingState, processes: int) -> None:
    """Tell every process what process 0 found, so that all run out of patience together."""
    if processes > 1:
        best = torch.tensor(state.best_epoch)
        distributed.broadcast(best, src=0)
        state.best_epoch = int(best)


def _judge(state: TrainingState, lesson: Lesson, train_loss: float) -> None:
    """Validate, keep the averaged weights where they are the best at the last size, and log."""
    settings = lesson.settings
    side = settings.side_at(state.epoch)
    scores = validation_scores(state.average, lesson.faces, lesson.split.validation, side)
    if not math.isfinite(scores["loss"]):
        raise LossIsNoNumber(
            f"the validation loss is {scores['loss']} after epoch {state.epoch}; the checkpoint of "
            "the epoch before is kept. Lower --learning-rate and run the same command again"
        )
    if side == settings.side and scores["loss"] < state.best_loss:
        state.best_loss, state.best_epoch = scores["loss"], state.epoch
        state.save_best(lesson.run / BEST, side)
    _log(
        state, lesson.run, {"epoch": state.epoch, "side": side, "train_loss": train_loss, **scores}
    )


def _log(state: TrainingState, run: Path, line: dict[str, Any]) -> None:
    record = read_json(run / RUN_RECORD)
    line = {**line, "seconds": round(state.seconds)}
    # The checkpoint is written after this; an epoch that a crash between them repeats stands once.
    record["log"] = [each for each in record["log"] if each["epoch"] < line["epoch"]] + [line]
    write_json(run / RUN_RECORD, record)
    tqdm.write(
        " ".join(f"{k}={v:.4g}" if isinstance(v, float) else f"{k}={v}" for k, v in line.items())
    )
