"""Distillation targets computed on every augmented batch (`teachers`)."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor, nn

from inference.training.data.batches import Batch
from inference.training.evaluate.evaluation import load_run
from inference.training.networks.registry import ExpressionNetwork

LiveTeacherNetworks = Sequence[tuple[ExpressionNetwork, int]]
"""Networks, with the input side in pixels that each was trained at."""


def load_teachers(runs: Sequence[Path]) -> LiveTeacherNetworks:
    """Load the runs' best weights, without gradients. Raises WrongCheckpoint."""
    networks = [load_run(run) for run in runs]
    for network, _ in networks:
        network.requires_grad_(False)
    return networks


@torch.no_grad()
def mix_live_targets(batch: Batch, teachers: LiveTeacherNetworks, share: float) -> Batch:
    """Mix the batch's targets with the teachers' mean probabilities of the augmented images.

    Args:
        batch: N augmented faces with soft targets [N, 8] and [N, 7].
        teachers: networks to average.
        share: of the teachers in the targets, 0 to 1.
    """
    predictions = [_predict(network, side, batch.grey) for network, side in teachers]
    eight, seven = (torch.stack(head).mean(dim=0) for head in zip(*predictions, strict=True))
    known = batch.fer7.sum(dim=1, keepdim=True) > 0
    fer7 = batch.fer7 * (1 - share) + seven * share
    return replace(
        batch,
        ferplus=batch.ferplus * (1 - share) + eight * share,
        fer7=torch.where(known, fer7, torch.zeros_like(fer7)),
    )


def _predict(network: ExpressionNetwork, side: int, grey: Tensor) -> tuple[Tensor, Tensor]:
    """Return the probabilities of both heads."""
    if grey.shape[-1] != side:
        grey = nn.functional.interpolate(grey, (side, side), mode="bilinear")
    ferplus, fer7 = network(grey.contiguous(memory_format=torch.channels_last))
    return ferplus.softmax(dim=1), fer7.softmax(dim=1)
