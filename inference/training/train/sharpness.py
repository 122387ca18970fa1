"""Sharpness-aware steps (Foret et al. 2021, arXiv 2010.01412).

The gradient is taken where the loss is highest near the weights, so that the steps lead to flat
places of the loss. Two passes a step, hence twice the time.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

Backward = Callable[[], float]
"""Fills the gradients (shared among processes) and returns the loss."""


def sharpness_aware(network: nn.Module, radius: float, backward: Backward) -> float:
    """Gradients at the worst point within `radius`; the weights are left as they were."""
    loss = backward()
    moved = climb(network, radius)
    with batch_norms_held(network):
        backward()
    with torch.no_grad():
        for parameter, step in moved:
            parameter.sub_(step)
    return loss


@torch.no_grad()
def climb(network: nn.Module, radius: float) -> list[tuple[nn.Parameter, Tensor]]:
    """Move the weights up their gradient by `radius`; returns what was added to each."""
    filled = [(p, p.grad) for p in network.parameters() if p.grad is not None]
    norm = torch.stack([gradient.norm() for _, gradient in filled]).norm()
    moved = []
    for parameter, gradient in filled:
        step = gradient * (radius / (norm + 1e-12))
        parameter.add_(step)
        moved.append((parameter, step))
    return moved


@contextmanager
def batch_norms_held(network: nn.Module) -> Iterator[None]:
    """Running statistics are those of the real weights, not of the displaced ones."""
    norms = [module for module in network.modules() if isinstance(module, nn.BatchNorm2d)]
    before = [norm.momentum for norm in norms]
    for norm in norms:
        norm.momentum = 0.0
    yield
    for norm, momentum in zip(norms, before, strict=True):
        norm.momentum = momentum
