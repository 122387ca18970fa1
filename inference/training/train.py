"""Train one network on FER+ votes, from ImageNet weights; read it top to bottom.

Two cores are enough: most epochs see small pictures, the last ones the full input size. One
process a core, each with half of every batch, was 1.2 to 1.3 times faster here than one process
with two threads, which meet after every layer rather than once a step. The weights that are kept
are a running average, chosen by their loss on the validation part.
"""

import json
import math
import os
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from torch import Tensor, distributed, nn
from torch.multiprocessing.spawn import spawn
from tqdm import tqdm

from inference.training.batches import Batch, BatchPlan, Looks, training_batches
from inference.training.faces import FaceSet, Floats, Rows, Targets, official_split, soft_targets
from inference.training.framing import aligned_faces
from inference.training.record import RUN_RECORD, read_json, run_facts, write_json
from inference.training.scores import validation_scores
from inference.training.settings import Settings, one_cycle
from inference.training.state import TrainingState, first_state, follow, share_gradients

CHECKPOINT = "checkpoint.pt"
BEST = "best.pt"
MEETING_POINT = "processes.meet"
MALLOC = ("MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_")


def train(
    faces: FaceSet,
    settings: Settings,
    run: Path,
    start: Path | None = None,
    eyes: Floats | None = None,
    last_epoch: int | None = None,
) -> list[dict[str, Any]]:
    """Train into the folder `run`, going on from its checkpoint where there is one.

    `start` is a torchvision checkpoint or another run's `best.pt`, None to start from scratch. With
    `eyes` ([N, 2, 2] as `find_eyes` gives them) half of the pictures are aligned ones. `last_epoch`
    stops early, to be resumed. Returns the log, a line an epoch. A loss that is no number ends the
    run with FloatingPointError; the checkpoint of the epoch before stays.
    """
    run.mkdir(parents=True, exist_ok=True)
    if (run / CHECKPOINT).exists():
        _note_changed_settings(settings, run)
    else:
        _write_run_record(faces, settings, run, start, eyes)
    last = settings.epochs if last_epoch is None else last_epoch
    looks = (faces.images,) if eyes is None else (faces.images, aligned_faces(faces.images, eyes))
    arguments = (faces, looks, settings, run, start, last)
    if settings.processes == 1:
        _train_rank(0, *arguments)
    else:
        (run / MEETING_POINT).unlink(missing_ok=True)
        spawn(_train_rank, arguments, nprocs=settings.processes)  # type: ignore[no-untyped-call]
    log: list[dict[str, Any]] = read_json(run / RUN_RECORD)["log"]
    return log


def _write_run_record(
    faces: FaceSet, settings: Settings, run: Path, start: Path | None, eyes: Floats | None
) -> None:
    """The record's beginning; a run that starts from another one's weights holds its record too."""
    before = start.parent / RUN_RECORD if start else None
    record = {
        **run_facts(asdict(settings), faces.sha256),
        "start": start.name if start else "random",
        "before": read_json(before) if before and before.exists() else None,
        "aligned_faces": 0 if eyes is None else int((~np.isnan(eyes[:, 0, 0])).sum()),
        "malloc": {name: os.environ.get(name) for name in MALLOC},
        "log": [],
    }
    write_json(run / RUN_RECORD, record)


def _note_changed_settings(settings: Settings, run: Path) -> None:
    """A run may go on with other settings, a shorter schedule say; the record keeps the former."""
    record = read_json(run / RUN_RECORD)
    # Through JSON, so that tuples compare equal to the lists that were read.
    wanted = json.loads(json.dumps(asdict(settings)))
    if record["settings"] != wanted:
        former = {"settings": record["settings"], "until_epoch": len(record["log"])}
        record["former_settings"] = [*record.get("former_settings", []), former]
        record["settings"] = wanted
        write_json(run / RUN_RECORD, record)


def _train_rank(
    rank: int,
    faces: FaceSet,
    looks: Looks,
    settings: Settings,
    run: Path,
    start: Path | None,
    last: int,
) -> None:
    """What each process runs; process 0 also validates, logs and saves."""
    torch.set_num_threads(1)
    cv2.setNumThreads(0)
    if settings.processes > 1:
        meeting = f"file://{(run / MEETING_POINT).resolve()}"
        distributed.init_process_group("gloo", meeting, rank=rank, world_size=settings.processes)
    split = official_split(faces, settings.split_seed, settings.validation_share)
    targets = soft_targets(faces)
    state = first_state(settings, start)
    if (run / CHECKPOINT).exists():
        state.load(run / CHECKPOINT)
    for epoch in range(state.epoch, last):
        torch.manual_seed(settings.seed * 1_000_003 + epoch * 101 + rank)
        began = time.monotonic()
        loss = _train_epoch(state, settings, epoch, rank, looks, targets, split.train)
        state.seconds += time.monotonic() - began
        state.epoch = epoch + 1
        if rank == 0:
            side = settings.side_at(epoch)
            scores = validation_scores(state.average, faces, split.validation, side)
            log = {"epoch": epoch, "side": side, "train_loss": loss, **scores}
            _keep(state, settings, run, log)
    if settings.processes > 1:
        distributed.destroy_process_group()


def _train_epoch(
    state: TrainingState,
    settings: Settings,
    epoch: int,
    rank: int,
    looks: Looks,
    targets: Targets,
    rows: Rows,
) -> float:
    plan = BatchPlan(
        settings.side_at(epoch),
        settings.batch_size,
        settings.seed,
        epoch,
        rank,
        settings.processes,
        settings.mixup_share,
    )
    steps = len(rows) // settings.batch_size
    total = steps * settings.epochs
    state.network.train()
    losses: list[float] = []
    batches = training_batches(looks, targets, rows, plan)
    title = f"epoch {epoch} at {plan.side} px"
    for batch in tqdm(batches, total=steps, desc=title, mininterval=5, disable=rank > 0):
        rate = settings.learning_rate * one_cycle(state.step / total, settings.warm_up)
        for group in state.optimiser.param_groups:
            group["lr"] = rate
        losses.append(_step(state, batch, settings))
        state.step += 1
    return sum(losses) / max(len(losses), 1)


def _step(state: TrainingState, batch: Batch, settings: Settings) -> float:
    grey = batch.grey.contiguous(memory_format=torch.channels_last)
    ferplus, fer7 = state.network(grey)
    loss = two_head_loss(ferplus, fer7, batch, settings.fer7_weight)
    value = loss.item()
    if not math.isfinite(value):
        raise FloatingPointError(f"the loss is {value} at step {state.step}")
    state.optimiser.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    share_gradients(state.network, settings.processes)
    nn.utils.clip_grad_norm_(state.network.parameters(), 5.0)
    state.optimiser.step()
    # The average starts fast and slows down, so that it forgets the untrained heads.
    decay = min(settings.average_decay, (1 + state.step) / (10 + state.step))
    follow(state.average, state.network, decay)
    return value


def two_head_loss(ferplus: Tensor, fer7: Tensor, batch: Batch, fer7_weight: float) -> Tensor:
    """Cross entropy against the votes; a face counts by how many voted for the eight at all."""
    eight = -(batch.ferplus * ferplus.log_softmax(dim=1)).sum(dim=1)
    eight_mean = (eight * batch.ferplus_weight).sum() / batch.ferplus_weight.sum().clamp(min=1)
    seven = -(batch.fer7 * fer7.log_softmax(dim=1)).sum(dim=1).mean()
    return eight_mean + fer7_weight * seven


def _keep(state: TrainingState, settings: Settings, run: Path, log: dict[str, Any]) -> None:
    """The checkpoint always, and the averaged weights where they are the best at the last size."""
    at_full_size = log["side"] == settings.side
    if at_full_size and log["loss"] < state.best_loss:
        state.best_loss = log["loss"]
        state.save_best(run / BEST, settings.side)
    state.save(run / CHECKPOINT)
    record = read_json(run / RUN_RECORD)
    record["log"].append({**log, "seconds": round(state.seconds)})
    write_json(run / RUN_RECORD, record)
    tqdm.write(
        " ".join(
            f"{k}={v:.4g}" if isinstance(v, float) else f"{k}={v}"
            for k, v in record["log"][-1].items()
        )
    )
