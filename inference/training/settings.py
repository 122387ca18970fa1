"""Hyperparameters of a training run, all of them stored in its record."""

import math
from dataclasses import asdict, dataclass, field
from typing import Any, Self

JSON_KEYS = {"low_augmentation_epochs": "gentle_epochs"}
"""Field -> its key in the files, where the two differ."""


@dataclass(frozen=True)
class Settings:
    architecture: str = "mobilenet_v2"
    split: str = "official"
    """or "study": `splits`"""
    stages: list[tuple[int, int]] = field(default_factory=lambda: [(48, 6), (64, 6), (96, 8)])
    """(input side in pixels, epochs), in order; the last side is the released network's"""
    stem_stride: int = 2
    """of the first convolution; 1 is for inputs of 48 pixels"""
    batch_size: int = 128
    learning_rate: float = 2e-3
    warm_up: float = 0.08
    """share of all steps in which the learning rate rises"""
    weight_decay: float = 0.02
    fer7_weight: float = 0.4
    """of the FER2013 head's loss; the FER+ head has weight 1"""
    mixup_share: float = 0.05
    """share of the batches with mixup (Zhang et al. 2018, arXiv 1710.09412)"""
    cutmix_share: float = 0.0
    """share of the batches with CutMix (Yun et al. 2019, arXiv 1905.04899)"""
    camera_share: float = 0.0
    """share of the faces with effects of real cameras (`augment.apply_camera_effects`)"""
    low_augmentation_epochs: int = 0
    """the last ones, with weaker augmentation, which is nearer to the test distribution"""
    balance: float = 0.0
    """power of the inverse class frequency that weights faces: 0 none, 1 full balance"""
    teacher_share: float = 0.0
    """of the targets in distillation; votes make up the rest"""
    sam_radius: float = 0.0
    """of sharpness-aware minimisation, which doubles the time; 0 turns it off"""
    average_decay: float = 0.99
    """of the exponential moving average (EMA) of the weights, per step"""
    patience: int = 0
    """early stopping: epochs at the last side without a lower validation loss; 0 turns it off"""
    validation_share: float = 0.08
    seed: int = 0
    split_seed: int = 0
    processes: int = 2
    """of one thread each; they share every batch of `batch_size`"""

    def to_json(self) -> dict[str, Any]:
        """Return the settings as run records store them."""
        found = {JSON_KEYS.get(name, name): value for name, value in asdict(self).items()}
        return {**found, "stages": [list(stage) for stage in self.stages]}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        """Read settings from a run record.

        A setting missing in an earlier record has its default, which is what the run used.

        Raises:
            TypeError: a setting is unknown.
        """
        fields = {key: name for name, key in JSON_KEYS.items()}
        given = {fields.get(key, key): item for key, item in value.items()}
        if "stages" in given:
            given["stages"] = [(side, epochs) for side, epochs in given["stages"]]
        return cls(**given)

    @property
    def epochs(self) -> int:
        return sum(epochs for _, epochs in self.stages)

    @property
    def side(self) -> int:
        return self.stages[-1][0]

    def has_low_augmentation(self, epoch: int) -> bool:
        return epoch >= self.epochs - self.low_augmentation_epochs

    def get_side(self, epoch: int) -> int:
        ended = 0
        for side, epochs in self.stages:
            ended += epochs
            if epoch < ended:
                return side
        raise ValueError(f"no stage has epoch {epoch}")


def compute_one_cycle_factor(progress: float, warm_up: float) -> float:
    """Return the learning rate's share of its peak: linear warm-up, then cosine decay.

    Args:
        progress: share of all steps done, 0 to 1.
        warm_up: share of all steps in which the rate rises.
    """
    if progress < warm_up:
        return (progress + 1e-3) / (warm_up + 1e-3)
    return 0.5 * (1 + math.cos(math.pi * (progress - warm_up) / (1 - warm_up)))
