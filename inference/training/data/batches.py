"""Make shuffled, augmented batches, deterministic by seed, epoch and process."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from inference.training.data.augment import augment_face, resize_face
from inference.training.data.dataset import FaceDataset, Pixels, Rows, Targets

FaceViews = Sequence[Pixels]
"""The same faces, uint8 [N, 48, 48] each, in one or several crops; each sample draws one."""


@dataclass(frozen=True)
class Batch:
    """Grey faces and targets: `grey` float32 [N, 1, side, side], 0..1; targets as in `Targets`."""

    grey: Tensor
    ferplus: Tensor
    ferplus_weight: Tensor
    fer7: Tensor


@dataclass(frozen=True)
class BatchPlan:
    """Parameters of one epoch's batches."""

    side: int
    """of the input, in pixels"""
    size: int
    seed: int
    epoch: int
    rank: int = 0
    processes: int = 1
    mixup_share: float = 0.0
    cutmix_share: float = 0.0
    """shares of the batches with mixup and CutMix, 0..1"""
    strength: float = 1.0
    """of the augmentation, 0..1"""
    camera_share: float = 0.0
    """share of the faces with effects of real cameras, 0..1"""


def to_grey_tensor(faces: list[Pixels]) -> Tensor:
    """Stack uint8 faces [H, W] to float32 [N, 1, H, W], 0..1."""
    return torch.from_numpy(np.stack(faces)).unsqueeze(1).float().div_(255)


def iterate_training_batches(
    views: FaceViews, targets: Targets, rows: Rows, plan: BatchPlan
) -> Iterator[Batch]:
    """Yield this process's share of every complete batch of one epoch over `rows`."""
    order = np.random.default_rng((plan.seed, plan.epoch)).permutation(rows)
    for step in range(len(order) // plan.size):
        chosen = order[step * plan.size : (step + 1) * plan.size]
        rng = np.random.default_rng((plan.seed, plan.epoch, step, plan.rank))
        yield _make_batch(views, targets, chosen[plan.rank :: plan.processes], plan, rng)


def _make_batch(
    views: FaceViews, targets: Targets, rows: Rows, plan: BatchPlan, rng: np.random.Generator
) -> Batch:
    chosen = [views[int(rng.integers(len(views)))][row] for row in rows]
    batch = Batch(
        grey=to_grey_tensor(
            [
                augment_face(face, plan.side, rng, plan.strength, plan.camera_share)
                for face in chosen
            ]
        ),
        ferplus=torch.from_numpy(targets.ferplus[rows]),
        ferplus_weight=torch.from_numpy(targets.ferplus_weight[rows]),
        fer7=torch.from_numpy(targets.fer7[rows]),
    )
    drawn = rng.random()
    if drawn < plan.mixup_share:
        return _apply_mixup(batch, rng)
    return _apply_cutmix(batch, rng) if drawn < plan.mixup_share + plan.cutmix_share else batch


def _apply_cutmix(batch: Batch, rng: np.random.Generator) -> Batch:
    """Replace a random box of each face (CutMix, Yun et al. 2019, arXiv 1905.04899)."""
    side = batch.grey.shape[-1]
    cut = np.sqrt(1 - rng.beta(1.0, 1.0))
    size = max(1, int(cut * side))
    top, left = (int(rng.integers(0, side - size + 1)) for _ in range(2))
    other = torch.from_numpy(rng.permutation(len(batch.grey)))
    grey = batch.grey.clone()
    box = (..., slice(top, top + size), slice(left, left + size))
    grey[box] = batch.grey[other][box]
    return _mix_targets(batch, other, 1 - (size / side) ** 2, grey)


def _apply_mixup(batch: Batch, rng: np.random.Generator) -> Batch:
    """Blend each face with another one (mixup, Zhang et al. 2018, arXiv 1710.09412)."""
    share = float(rng.beta(0.3, 0.3))
    other = torch.from_numpy(rng.permutation(len(batch.grey)))
    grey = batch.grey * share + batch.grey[other] * (1 - share)
    return _mix_targets(batch, other, share, grey)


def _mix_targets(batch: Batch, other: Tensor, share: float, grey: Tensor) -> Batch:
    """Combine `grey` with targets mixed in the same proportion."""

    def mix(values: Tensor) -> Tensor:
        return values * share + values[other] * (1 - share)

    return Batch(grey, mix(batch.ferplus), mix(batch.ferplus_weight), mix(batch.fer7))


def iterate_plain_batches(
    faces: FaceDataset, rows: Rows, side: int, size: int = 32
) -> Iterator[Tensor]:
    """Yield the rows in order, resized only, in batches small enough for the CPU caches."""
    for start in range(0, len(rows), size):
        chosen = rows[start : start + size]
        yield to_grey_tensor([resize_face(faces.images[row], side) for row in chosen])
