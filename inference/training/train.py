"""Train one network on FER+ votes, from ImageNet weights; read it top to bottom.

Two cores are enough: most epochs see small pictures, the last ones the full input size. One
process a core, each with half of every batch, was 1.2 to 1.3 times faster here than one process
with two threads, which meet after every layer rather than once a step. The weights that are kept
are a running average, chosen by their loss on the validation part.
"""

import math
import os
import time
from copy import deepcopy
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from torch import Tensor, distributed, nn
from torch.multiprocessing.spawn import spawn
from tqdm import tqdm

from inference.training.batches import Batch, BatchPlan, Looks, plain_batches, training_batches
from inference.training.faces import (
    FaceSet,
    Floats,
    Rows,
    Targets,
    majority,
    official_split,
    scored_rows,
    soft_targets,
)
from inference.training.framing import aligned_faces
from inference.training.networks import ExpressionNetwork, load_start
from inference.training.record import RUN_RECORD, read_json, run_facts, write_json

CHECKPOINT = "checkpoint.pt"
BEST = "best.pt"
MEETING_POINT = "processes.meet"
MALLOC = ("MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_")


@dataclass(frozen=True)
class Settings:
    architecture: str = "mobilenet_v2"
    stages: list[tuple[int, int]] = field(default_factory=lambda: [(48, 6), (64, 5), (96, 4)])
    """(input side in pixels, epochs), in order; the last side is the released one"""
    batch_size: int = 128
    learning_rate: float = 2e-3
    warm_up: float = 0.1
    """share of all steps in which the learning rate rises"""
    weight_decay: float = 0.02
    fer7_weight: float = 0.4
    """of the second head's loss, the first one's being 1"""
    mixup_share: float = 0.15
    average_decay: float = 0.996
    """of the running average of the weights, per step"""
    validation_share: float = 0.08
    seed: int = 0
    split_seed: int = 0
    processes: int = 2
    """one thread each; `batch_size` is shared among them"""

    @property
    def epochs(self) -> int:
        return sum(epochs for _, epochs in self.stages)

    @property
    def side(self) -> int:
        return self.stages[-1][0]

    def side_at(self, epoch: int) -> int:
        ended = 0
        for side, epochs in self.stages:
            ended += epochs
            if epoch < ended:
                return side
        raise ValueError(f"no stage has epoch {epoch}")


@dataclass
class TrainingState:
    """All that a run needs to go on where it stopped."""

    network: ExpressionNetwork
    average: ExpressionNetwork
    optimiser: torch.optim.Optimizer
    epoch: int = 0
    step: int = 0
    seconds: float = 0.0
    best_loss: float = math.inf

    def save(self, path: Path) -> None:
        half = path.with_suffix(".part")
        torch.save(
            {
                "network": self.network.state_dict(),
                "average": self.average.state_dict(),
                "optimiser": self.optimiser.state_dict(),
                "progress": (self.epoch, self.step, self.seconds, self.best_loss),
            },
            half,
        )
        half.replace(path)

    def load(self, path: Path) -> None:
        saved = torch.load(path, map_location="cpu", weights_only=True)
        self.network.load_state_dict(saved["network"])
        self.average.load_state_dict(saved["average"])
        self.optimiser.load_state_dict(saved["optimiser"])
        self.epoch, self.step, self.seconds, self.best_loss = saved["progress"]


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
    if not (run / CHECKPOINT).exists():
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
    state = _start(settings, start)
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


def _start(settings: Settings, start: Path | None) -> TrainingState:
    torch.manual_seed(settings.seed)
    network = ExpressionNetwork(settings.architecture)
    if start:
        load_start(network, start)
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    average = deepcopy(network).requires_grad_(False)
    return TrainingState(network, average, _optimiser(network, settings))


def _optimiser(network: nn.Module, settings: Settings) -> torch.optim.Optimizer:
    """AdamW; biases and batch norms are not pulled to zero."""
    decayed = [p for p in network.parameters() if p.ndim > 1]
    free = [p for p in network.parameters() if p.ndim <= 1]
    groups = [
        {"params": decayed, "weight_decay": settings.weight_decay},
        {"params": free, "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=settings.learning_rate)


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


def one_cycle(progress: float, warm_up: float) -> float:
    """Up in a straight line, down along a cosine; 0..1 -> 0..1."""
    if progress < warm_up:
        return (progress + 1e-3) / (warm_up + 1e-3)
    return 0.5 * (1 + math.cos(math.pi * (progress - warm_up) / (1 - warm_up)))


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


def share_gradients(network: nn.Module, processes: int) -> None:
    """Give every process the mean of all processes' gradients."""
    if processes == 1:
        return
    gradients = [p.grad for p in network.parameters() if p.grad is not None]
    flat = torch.cat([gradient.flatten() for gradient in gradients])
    distributed.all_reduce(flat)
    flat /= processes
    for gradient, shared in zip(
        gradients, torch.split(flat, [g.numel() for g in gradients]), strict=True
    ):
        gradient.copy_(shared.view_as(gradient))


def two_head_loss(ferplus: Tensor, fer7: Tensor, batch: Batch, fer7_weight: float) -> Tensor:
    """Cross entropy against the votes; a face counts by how many voted for the eight at all."""
    eight = -(batch.ferplus * ferplus.log_softmax(dim=1)).sum(dim=1)
    eight_mean = (eight * batch.ferplus_weight).sum() / batch.ferplus_weight.sum().clamp(min=1)
    seven = -(batch.fer7 * fer7.log_softmax(dim=1)).sum(dim=1).mean()
    return eight_mean + fer7_weight * seven


@torch.no_grad()
def follow(average: nn.Module, network: nn.Module, decay: float) -> None:
    """Move the running average a little towards the network, batch norm statistics included."""
    for kept, new in zip(average.state_dict().values(), network.state_dict().values(), strict=True):
        if kept.is_floating_point():
            kept.lerp_(new, 1 - decay)
        else:
            kept.copy_(new)


@torch.inference_mode()
def logits_of(
    network: ExpressionNetwork, faces: FaceSet, rows: Rows, side: int
) -> tuple[Tensor, Tensor]:
    """Logits of both heads, [N, 8] and [N, 7], for untouched faces."""
    network.eval()
    parts = [
        network(grey.contiguous(memory_format=torch.channels_last))
        for grey in plain_batches(faces, rows, side)
    ]
    return torch.cat([part[0] for part in parts]), torch.cat([part[1] for part in parts])


def validation_scores(
    network: ExpressionNetwork, faces: FaceSet, rows: Rows, side: int
) -> dict[str, float]:
    """Accuracy and loss on the rows that FER+'s rule scores, and accuracy on FER2013's labels."""
    scored = rows[scored_rows(faces.votes[rows])]
    ferplus, fer7 = logits_of(network, faces, scored, side)
    wanted = torch.from_numpy(majority(faces.votes[scored]))
    labels = torch.from_numpy(faces.labels[scored]).long()
    return {
        "accuracy": float((ferplus.argmax(dim=1) == wanted).float().mean()),
        "loss": float(nn.functional.cross_entropy(ferplus, wanted)),
        "fer7_accuracy": float((fer7.argmax(dim=1) == labels).float().mean()),
    }


def _keep(state: TrainingState, settings: Settings, run: Path, log: dict[str, Any]) -> None:
    """The checkpoint always, and the averaged weights where they are the best at the last size."""
    at_full_size = log["side"] == settings.side
    if at_full_size and log["loss"] < state.best_loss:
        state.best_loss = log["loss"]
        half = run / (BEST + ".part")
        torch.save(
            {
                "architecture": state.network.name,
                "side": settings.side,
                "state": state.average.state_dict(),
            },
            half,
        )
        half.replace(run / BEST)
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
