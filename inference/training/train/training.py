"""Train one network on FER+ votes.

Progressive resizing: most epochs see small pictures, the last ones the full input size. One process
per core, each with a part of every batch, was 1.2 to 1.3 times faster on two cores than one process
with two threads, which synchronise after every layer rather than once a step. The stored weights
are an exponential moving average, selected by their loss on the validation part.
"""

import math
import multiprocessing
import os
import time
from dataclasses import asdict, dataclass, replace
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
from inference.training.errors import BadData, NonFiniteLossError, TrainingRefused
from inference.training.evaluate.leakage import (
    check_same_dataset,
    check_same_split,
    list_start_data_uses,
)
from inference.training.evaluate.scores import compute_validation_metrics
from inference.training.file_lock import exit_with_parent, lock_folder
from inference.training.json_files import write_json
from inference.training.networks.initial_weights import SCRATCH, describe_initial_weights
from inference.training.records import (
    BEST,
    RUN_RECORD,
    EpochLog,
    RunRecord,
    build_data_use,
    load_run_record,
)
from inference.training.settings import Settings
from inference.training.train.environment import describe_environment
from inference.training.train.live_teachers import load_teachers
from inference.training.train.state import (
    CHECKPOINT,
    TrainingState,
    build_initial_state,
    save_best_weights,
)
from inference.training.train.steps import train_epoch
from inference.training.train.teachers import (
    AnyTeachers,
    FixedTeachers,
    LiveTeachers,
    balance_targets,
    mix_teacher_targets,
)

RENDEZVOUS = "processes.meet"
"""File for the rendezvous of torch.distributed."""
MALLOC = ("MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_")
BATCH_NORM_FACES = 256
Errors = SimpleQueue[Exception]


@dataclass(frozen=True)
class TrainJob:
    """Input of every process of a training run."""

    faces: FaceDataset
    views: FaceViews
    targets: Targets
    split: Split
    settings: Settings
    run: Path
    start: str
    last_epoch: int
    is_resumed: bool
    record: RunRecord
    """to be written once the weights are loaded"""
    live_teachers: tuple[Path, ...]


def train(
    faces: FaceDataset,
    settings: Settings,
    run: Path,
    start: str = SCRATCH,
    eyes: Floats | None = None,
    teachers: AnyTeachers | None = None,
    last_epoch: int | None = None,
) -> list[EpochLog]:
    """Train into the folder `run`, resuming from its checkpoint where there is one.

    Args:
        faces: N faces with votes.
        settings: hyperparameters; a resumed run may change them, which its record shows.
        run: folder for checkpoint, best weights and record.
        start: "imagenet", "released", "scratch" or a checkpoint's path.
        eyes: eye centres [N, 2, 2] (`detect_eyes`); half of the pictures are then aligned ones.
        teachers: for distillation.
        last_epoch: stop before this epoch, to be resumed later.

    Returns:
        The log, one entry per epoch.

    Raises:
        TrainingRefused: data, split, checkpoint or loss are unusable; the last good checkpoint
            stays.
    """
    split = validate_split(
        make_split(settings.split, faces, settings.split_seed, settings.validation_share), faces
    )
    if len(split.train) < settings.batch_size:
        raise BadData(
            f"{len(split.train)} training faces are fewer than one batch; "
            f"give a --batch-size below {settings.batch_size}"
        )
    with lock_folder(
        run, "train.lock", f"another program is training in {run}; wait for it or stop it"
    ):
        is_resumed = (run / CHECKPOINT).exists()
        record = (
            load_run_record(run / RUN_RECORD)
            if is_resumed
            else _build_record(faces, settings, start)
        )
        _check_leakage(record, faces, settings, run, teachers)
        job = TrainJob(
            faces=faces,
            views=(
                (faces.images,)
                if eyes is None
                else (faces.images, align_training_faces(faces.images, eyes))
            ),
            targets=_build_targets(faces, settings, split, teachers),
            split=split,
            settings=settings,
            run=run,
            start=start,
            last_epoch=settings.epochs if last_epoch is None else last_epoch,
            is_resumed=is_resumed,
            record=_update_record(record, settings, eyes, teachers),
            live_teachers=teachers.runs if isinstance(teachers, LiveTeachers) else (),
        )
        _run_processes(job)
    return load_run_record(run / RUN_RECORD).log


def _build_targets(
    faces: FaceDataset, settings: Settings, split: Split, teachers: AnyTeachers | None
) -> Targets:
    targets = build_soft_targets(faces)
    if isinstance(teachers, FixedTeachers):
        targets = mix_teacher_targets(targets, teachers, settings.teacher_share)
    if settings.balance:
        targets = balance_targets(targets, faces, split.train, settings.balance)
    return targets


def _run_processes(job: TrainJob) -> None:
    processes = job.settings.processes
    if processes == 1:
        _train_rank(0, job)
        return
    (job.run / RENDEZVOUS).unlink(missing_ok=True)
    errors: Errors = multiprocessing.get_context("spawn").SimpleQueue()
    try:
        spawn(_train_rank_and_report, (job, errors), nprocs=processes)  # type: ignore[no-untyped-call]
    except ProcessException:
        if errors.empty():
            raise
        raise errors.get() from None


def _train_rank_and_report(rank: int, job: TrainJob, errors: Errors) -> None:
    """Run a process; the queue passes errors with their type, `spawn` only the traceback's text."""
    try:
        _train_rank(rank, job)
    except (TrainingRefused, OSError) as error:
        errors.put(error)
        raise


def _build_record(faces: FaceDataset, settings: Settings, start: str) -> RunRecord:
    """Build the record of a new run, with the record of the run that it starts from."""
    before = Path(start).parent / RUN_RECORD
    has_record = Path(start).is_file() and before.exists()
    return RunRecord(
        settings=settings,
        data_sha256=faces.sha256,
        source=faces.source,
        start=describe_initial_weights(settings.architecture, start),
        before=load_run_record(before) if has_record else None,
        inherited_data=list_start_data_uses(start, settings.architecture),
        malloc={name: os.environ.get(name) for name in MALLOC},
        log=[],
        **describe_environment(),
    )


def _check_leakage(
    record: RunRecord,
    faces: FaceDataset,
    settings: Settings,
    run: Path,
    teachers: AnyTeachers | None,
) -> None:
    """Raise BadData if weights or teachers were trained on faces that are held out now."""
    check_same_dataset(run, record, faces.sha256)
    wanted = build_data_use(settings, faces.sha256)
    check_same_split(f"the run in {run}", [record.own_data], wanted)
    check_same_split(f"what {run} starts from ({record.start})", record.list_data_uses(), wanted)
    if teachers:
        names = ", ".join(teacher.run for teacher in teachers.teachers)
        check_same_split(f"a teacher ({names})", teachers.data_uses, wanted)


def _update_record(
    record: RunRecord, settings: Settings, eyes: Floats | None, teachers: AnyTeachers | None
) -> RunRecord:
    """Update the record with this call's arguments; store former values that they replace."""
    updated = replace(
        record,
        settings=settings,
        aligned_faces=0 if eyes is None else int((~np.isnan(eyes[:, 0, 0])).sum()),
        teachers=teachers.teachers if teachers else [],
        inherited_data=list(
            dict.fromkeys([*record.inherited_data, *(teachers.data_uses if teachers else [])])
        ),
    )
    former = {
        name: value
        for name, value in record.to_json().items()
        if name in ("settings", "aligned_faces", "teachers")
    }
    is_changed = any(
        getattr(record, name) != getattr(updated, name)
        for name in ("settings", "aligned_faces", "teachers")
    )
    if record.log and is_changed:
        former["until_epoch"] = len(record.log)
        updated = replace(updated, former_settings=[*record.former_settings, former])
    return updated


def _train_rank(rank: int, job: TrainJob) -> None:
    """Train in one process; process 0 also validates, logs and saves."""
    settings, run, split = job.settings, job.run, job.split
    exit_with_parent()
    torch.set_num_threads(1)
    cv2.setNumThreads(0)
    if settings.processes > 1:
        address = f"file://{(run / RENDEZVOUS).resolve()}"
        distributed.init_process_group("gloo", address, rank=rank, world_size=settings.processes)
    # A checkpoint contains all weights; the initial weights may have been deleted since.
    start = SCRATCH if job.is_resumed else job.start
    state = build_initial_state(settings, start, _load_batch_norm_faces(job))
    if job.is_resumed:
        state.load(run / CHECKPOINT)
    teachers = load_teachers(job.live_teachers)
    if rank == 0:
        write_json(run / RUN_RECORD, job.record.to_json())
    while state.epoch < job.last_epoch and not should_stop_early(state, settings):
        torch.manual_seed(settings.seed * 1_000_003 + state.epoch * 101 + rank)
        started = time.monotonic()
        loss = train_epoch(state, settings, rank, job.views, job.targets, split.train, teachers)
        state.seconds += time.monotonic() - started
        if rank == 0:
            _validate_epoch(state, job, loss)
        broadcast_best_epoch(state, settings.processes)
        state.epoch += 1
        if rank == 0:
            state.save(run / CHECKPOINT)
    if settings.processes > 1:
        distributed.destroy_process_group()


def _load_batch_norm_faces(job: TrainJob) -> Tensor:
    rows = job.split.train[:BATCH_NORM_FACES]
    return next(iterate_plain_batches(job.faces, rows, job.settings.side, len(rows)))


def should_stop_early(state: TrainingState, settings: Settings) -> bool:
    """Return whether `patience` epochs at the last side passed without a lower validation loss."""
    waited = state.epoch - 1 - state.best_epoch
    return bool(settings.patience and state.best_epoch >= 0 and waited >= settings.patience)


def broadcast_best_epoch(state: TrainingState, processes: int) -> None:
    """Send process 0's best epoch to all, so that they stop early together."""
    if processes > 1:
        best = torch.tensor(state.best_epoch)
        distributed.broadcast(best, src=0)
        state.best_epoch = int(best)


def _validate_epoch(state: TrainingState, job: TrainJob, train_loss: float) -> None:
    """Validate the averaged weights, save them where they are the best at the last size, log."""
    settings = job.settings
    side = settings.get_side(state.epoch)
    metrics = compute_validation_metrics(state.average, job.faces, job.split.validation, side)
    if not math.isfinite(metrics["loss"]):
        raise NonFiniteLossError(
            f"the validation loss is {metrics['loss']} after epoch {state.epoch}; the "
            "checkpoint of the previous epoch stays. Lower --learning-rate and run the same "
            "command again"
        )
    if side == settings.side and metrics["loss"] < state.best_loss:
        state.best_loss, state.best_epoch = metrics["loss"], state.epoch
        save_best_weights(state.average, side, job.run / BEST)
    line = EpochLog(
        epoch=state.epoch,
        side=side,
        train_loss=train_loss,
        seconds=round(state.seconds),
        **metrics,
    )
    _log_epoch(job.run, line)


def _log_epoch(run: Path, line: EpochLog) -> None:
    record = load_run_record(run / RUN_RECORD)
    # The checkpoint is written after this; an epoch repeated after a crash replaces its entry.
    log = [former for former in record.log if former.epoch < line.epoch]
    write_json(run / RUN_RECORD, replace(record, log=[*log, line]).to_json())
    values: dict[str, Any] = asdict(line)
    tqdm.write(
        " ".join(f"{k}={v:.4g}" if isinstance(v, float) else f"{k}={v}" for k, v in values.items())
    )
