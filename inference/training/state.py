"""What a run carries from step to step: the network, its running average, the optimiser."""

import math
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import distributed, nn

from inference.training.networks import ExpressionNetwork, load_start
from inference.training.settings import Settings


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

    def save_best(self, path: Path, side: int) -> None:
        """The averaged weights alone, as `load_start` and `load_run` read them."""
        half = path.with_suffix(".part")
        saved = {
            "architecture": self.average.name,
            "side": side,
            "state": self.average.state_dict(),
        }
        torch.save(saved, half)
        half.replace(path)

    def load(self, path: Path) -> None:
        saved = torch.load(path, map_location="cpu", weights_only=True)
        self.network.load_state_dict(saved["network"])
        self.average.load_state_dict(saved["average"])
        self.optimiser.load_state_dict(saved["optimiser"])
        self.epoch, self.step, self.seconds, self.best_loss = saved["progress"]


def first_state(settings: Settings, start: Path | None) -> TrainingState:
    """ImageNet weights, another run's, or random ones, as `start` says."""
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


@torch.no_grad()
def follow(average: nn.Module, network: nn.Module, decay: float) -> None:
    """Move the running average a little towards the network, batch norm statistics included."""
    for kept, new in zip(average.state_dict().values(), network.state_dict().values(), strict=True):
        if kept.is_floating_point():
            kept.lerp_(new, 1 - decay)
        else:
            kept.copy_(new)


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
