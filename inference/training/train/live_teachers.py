"""Teachers that look at what the network is shown, step by step (`teachers`)."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor, nn

from inference.training.data.batches import Batch
from inference.training.evaluate.evaluation import load_run
from inference.training.networks.registry import ExpressionNetwork

Teachers = Sequence[tuple[ExpressionNetwork, int]]
"""Each with the picture side that it learned at."""


def open_teachers(runs: Sequence[Path]) -> Teachers:
    """The runs' best weights, unchanged from here on. Raises WrongCheckpoint."""
    opened = [load_run(run) for run in runs]
    for network, _ in opened:
        network.requires_grad_(False)
    return opened


@torch.no_grad()
def taught_live(batch: Batch, teachers: Teachers, share: float) -> Batch:
    """The batch with its targets mixed with the mean of what the teachers say of this very view."""
    said = [_say(network, side, batch.grey) for network, side in teachers]
    eight, seven = (torch.stack(each).mean(dim=0) for each in zip(*said, strict=True))
    known = batch.fer7.sum(dim=1, keepdim=True) > 0
    fer7 = batch.fer7 * (1 - share) + seven * share
    return replace(
        batch,
        ferplus=batch.ferplus * (1 - share) + eight * share,
        fer7=torch.where(known, fer7, torch.zeros_like(fer7)),
    )


def _say(network: ExpressionNetwork, side: int, grey: Tensor) -> tuple[Tensor, Tensor]:
    """Probabilities of both heads."""
    if grey.shape[-1] != side:
        grey = nn.functional.interpolate(grey, (side, side), mode="bilinear")
    ferplus, fer7 = network(grey.contiguous(memory_format=torch.channels_last))
    return ferplus.softmax(dim=1), fer7.softmax(dim=1)
