"""What a run carries from step to step: the network, its running average, the optimiser."""

import math
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, distributed, nn

from inference.training.errors import NotSaved, WrongCheckpoint
from inference.training.networks.initial_weights import initialize_network
from inference.training.networks.registry import ExpressionNetwork, read_checkpoint
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
    best_epoch: int = -1

    def save(self, path: Path) -> None:
        """All of it, whole or not at all. Raises NotSaved."""
        progress = (self.epoch, self.step, self.seconds, self.best_loss, self.best_epoch)
        saved = {
            "network": self.network.state_dict(),
            "average": self.average.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "progress": progress,
            "stem_stride": self.network.stem_stride,
        }
        save_whole(saved, path)

    def save_best(self, path: Path, side: int) -> None:
        """The averaged weights alone, as `load_checkpoint` and `load_run` read them."""
        saved = {
            "architecture": self.average.name,
            "side": side,
            "stem_stride": self.average.stem_stride,
            "state": self.average.state_dict(),
        }
        save_whole(saved, path)

    def load(self, path: Path) -> None:
        """Raises WrongCheckpoint for another network's, or a damaged one."""
        saved = read_checkpoint(path)
        try:
            self.network.load_state_dict(saved["network"])
            self.average.load_state_dict(saved["average"])
            self.optimiser.load_state_dict(saved["optimiser"])
            self.epoch, self.step, self.seconds, self.best_loss, *best = saved["progress"]
        except (AttributeError, KeyError, RuntimeError, TypeError, ValueError) as error:
            # torch's own words name every tensor, hundreds of lines.
            raise WrongCheckpoint(
                f"{path} is not of a {self.network.name}: give the --architecture it was begun "
                "with, or another --run"
            ) from error
        for network in (self.network, self.average):
            network.set_stem_stride(saved.get("stem_stride", network.stem_stride))
        self.best_epoch = best[0] if best else self.epoch - 1


def save_whole(saved: dict[str, Any], path: Path) -> None:
    """Written beside and renamed; what was there stays where the disk is full."""
    half = path.with_suffix(".part")
    try:
        torch.save(saved, half)
        half.replace(path)
    except (OSError, RuntimeError) as error:  # torch's writer raises RuntimeError for a full disk
        half.unlink(missing_ok=True)
        raise NotSaved(
            f"{path} could not be written, is the disk full? The one before it is kept; run the "
            f"same command again to go on from there ({_first_line(error)})"
        ) from error


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]


def first_state(settings: Settings, start: str, some_faces: Tensor) -> TrainingState:
    """Initialise from ImageNet weights, another run or at random, as `start` says."""
    torch.manual_seed(settings.seed)
    network = ExpressionNetwork(settings.architecture, settings.stem_stride)
    initialize_network(network, start, some_faces)
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
