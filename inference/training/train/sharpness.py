"""Sharpness-aware minimisation (SAM; Foret et al. 2021, arXiv 2010.01412).

The gradient is taken at the weights of highest loss within a radius, so that training finds flat
minima. Every step takes two passes, hence twice the time.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

Backward = Callable[[], float]
"""Fills the gradients (averaged over processes) and returns the loss."""


def compute_sam_gradients(network: nn.Module, radius: float, backward: Backward) -> float:
    """Fill the gradients at the worst point within `radius`; the weights stay unchanged.

    Returns:
        The loss at the unchanged weights.
    """
    loss = backward()
    steps = move_along_gradient(network, radius)
    with freeze_batch_norms(network):
        backward()
    with torch.no_grad():
        for parameter, step in steps:
            parameter.sub_(step)
    return loss


@torch.no_grad()
def move_along_gradient(network: nn.Module, radius: float) -> list[tuple[nn.Parameter, Tensor]]:
    """Move the weights along their gradient by `radius`; return what was added to each."""
    filled = [(p, p.grad) for p in network.parameters() if p.grad is not None]
    norm = torch.stack([gradient.norm() for _, gradient in filled]).norm()
    steps = []
    for parameter, gradient in filled:
        step = gradient * (radius / (norm + 1e-12))
        parameter.add_(step)
        steps.append((parameter, step))
    return steps


@contextmanager
def freeze_batch_norms(network: nn.Module) -> Iterator[None]:
    """Keep the running statistics of the unchanged weights during the second pass."""
    norms = [module for module in network.modules() if isinstance(module, nn.BatchNorm2d)]
    before = [norm.momentum for norm in norms]
    for norm in norms:
        norm.momentum = 0.0
    yield
    for norm, momentum in zip(norms, before, strict=True):
        norm.momentum = momentum
