"""What can be set about a run; the run record holds all of it."""

import math
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Settings:
    architecture: str = "mobilenet_v2"
    split: str = "official"
    """or "study": `splits`"""
    stages: list[tuple[int, int]] = field(default_factory=lambda: [(48, 6), (64, 6), (96, 8)])
    """(input side in pixels, epochs), in order; the last side is the released one"""
    stem_stride: int = 2
    """of the first convolution; 1 keeps every pixel, for sides of 48"""
    batch_size: int = 128
    learning_rate: float = 2e-3
    warm_up: float = 0.08
    """share of all steps in which the learning rate rises"""
    weight_decay: float = 0.02
    fer7_weight: float = 0.4
    """of the second head's loss, the first one's being 1"""
    mixup_share: float = 0.05
    """of the batches, in which faces are blended in pairs"""
    cutmix_share: float = 0.0
    """of the batches, in which a box of each face is another one's"""
    gentle_epochs: int = 0
    """the last ones, in which faces are moved less and seldom spoilt: nearer to what comes"""
    balance: float = 0.0
    """0: every face counts alike; 1: every expression does; between: in between"""
    teacher_share: float = 0.0
    """of the targets, where teachers' scores are given; the votes are the rest"""
    sam_radius: float = 0.0
    """of sharpness-aware steps, which take twice the time; 0: plain steps"""
    average_decay: float = 0.99
    """of the running average of the weights, per step"""
    patience: int = 0
    """epochs at the last side without a lower validation loss that end the run; 0: never"""
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

    def is_gentle(self, epoch: int) -> bool:
        return epoch >= self.epochs - self.gentle_epochs

    def side_at(self, epoch: int) -> int:
        ended = 0
        for side, epochs in self.stages:
            ended += epochs
            if epoch < ended:
                return side
        raise ValueError(f"no stage has epoch {epoch}")


def one_cycle(progress: float, warm_up: float) -> float:
    """Up in a straight line, down along a cosine; 0..1 -> 0..1."""
    if progress < warm_up:
        return (progress + 1e-3) / (warm_up + 1e-3)
    return 0.5 * (1 + math.cos(math.pi * (progress - warm_up) / (1 - warm_up)))
