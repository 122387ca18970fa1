"""The state of a run from step to step: network, running average, optimiser; its checkpoints."""

import math
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, distributed, nn

from inference.training.errors import CheckpointSaveError, WrongCheckpoint
from inference.training.networks.initial_weights import initialize_network
from inference.training.networks.registry import ExpressionNetwork, read_checkpoint
from inference.training.settings import Settings

CHECKPOINT = "checkpoint.pt"


@dataclass
class TrainingState:
    """State that a run resumes from."""

    network: ExpressionNetwork
    average: ExpressionNetwork
    """exponential moving average (EMA) of the network's weights"""
    optimiser: torch.optim.Optimizer
    epoch: int = 0
    step: int = 0
    seconds: float = 0.0
    best_loss: float = math.inf
    best_epoch: int = -1

    def save(self, path: Path) -> None:
        """Write a checkpoint atomically. Raises CheckpointSaveError."""
        progress = (self.epoch, self.step, self.seconds, self.best_loss, self.best_epoch)
        saved = {
            "network": self.network.state_dict(),
            "average": self.average.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "progress": progress,
            "stem_stride": self.network.stem_stride,
        }
        save_atomically(saved, path)

    def load(self, path: Path) -> None:
        """Read a checkpoint. Raises WrongCheckpoint if it is damaged or of another network."""
        saved = read_checkpoint(path)
        try:
            self.network.load_state_dict(saved["network"])
            self.average.load_state_dict(saved["average"])
            self.optimiser.load_state_dict(saved["optimiser"])
            self.epoch, self.step, self.seconds, self.best_loss, *best = saved["progress"]
        except (AttributeError, KeyError, RuntimeError, TypeError, ValueError) as error:
            # torch's message lists every tensor, hundreds of lines.
            raise WrongCheckpoint(
                f"{path} belongs to another network than {self.network.name}: pass the "
                "--architecture that it was started with, or another --run"
            ) from error
        for network in (self.network, self.average):
            network.set_stem_stride(saved.get("stem_stride", network.stem_stride))
        self.best_epoch = best[0] if best else self.epoch - 1


def save_best_weights(network: ExpressionNetwork, side: int, path: Path) -> None:
    """Write the weights alone, for `initialize_network` and `load_run`.

    Raises:
        CheckpointSaveError: the file cannot be written.
    """
    saved = {
        "architecture": network.name,
        "side": side,
        "stem_stride": network.stem_stride,
        "state": network.state_dict(),
    }
    save_atomically(saved, path)


def save_atomically(saved: dict[str, Any], path: Path) -> None:
    """Write a temporary file and rename it, so that a full disk leaves the former file."""
    partial = path.with_suffix(".part")
    try:
        torch.save(saved, partial)
        partial.replace(path)
    except (OSError, RuntimeError) as error:  # torch's writer raises RuntimeError for a full disk
        partial.unlink(missing_ok=True)
        first_line = str(error).partition("\n")[0]
        raise CheckpointSaveError(
            f"{path} could not be written; is the disk full? The previous one stays; run the same "
            f"command again to resume from it ({first_line})"
        ) from error


def build_initial_state(settings: Settings, start: str, some_faces: Tensor) -> TrainingState:
    """Build the network and fill it from `start` (`initialize_network`).

    Args:
        settings: architecture, seed and optimiser's settings.
        start: "imagenet", "released", "scratch" or a checkpoint's path.
        some_faces: float32 [N, 1, H, W], 0 to 1, for recalibrating batch norms.
    """
    torch.manual_seed(settings.seed)
    network = ExpressionNetwork(settings.architecture, settings.stem_stride)
    initialize_network(network, start, some_faces)
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    average = deepcopy(network).requires_grad_(False)
    return TrainingState(network, average, _build_optimiser(network, settings))


def _build_optimiser(network: nn.Module, settings: Settings) -> torch.optim.Optimizer:
    """Build AdamW without weight decay of biases and batch norms."""
    decayed = [p for p in network.parameters() if p.ndim > 1]
    free = [p for p in network.parameters() if p.ndim <= 1]
    groups = [
        {"params": decayed, "weight_decay": settings.weight_decay},
        {"params": free, "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=settings.learning_rate)


@torch.no_grad()
def update_average(average: nn.Module, network: nn.Module, decay: float) -> None:
    """Update the EMA in place, batch norm statistics included."""
    states = zip(average.state_dict().values(), network.state_dict().values(), strict=True)
    for averaged, new in states:
        if averaged.is_floating_point():
            averaged.lerp_(new, 1 - decay)
        else:
            averaged.copy_(new)


def average_gradients(network: nn.Module, processes: int) -> None:
    """Replace every process's gradients by the mean over all processes (all-reduce)."""
    if processes == 1:
        return
    gradients = [p.grad for p in network.parameters() if p.grad is not None]
    flat = torch.cat([gradient.flatten() for gradient in gradients])
    distributed.all_reduce(flat)
    flat /= processes
    parts = torch.split(flat, [gradient.numel() for gradient in gradients])
    for gradient, shared in zip(gradients, parts, strict=True):
        gradient.copy_(shared.view_as(gradient))
