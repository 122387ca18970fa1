"""Records of simulated runs, as JSON."""

from typing import Any


def build_epoch(epoch: int, side: int = 48, **metrics: Any) -> dict[str, Any]:
    usual = {"train_loss": 1.0, "accuracy": 0.5, "loss": 1.0, "fer7_accuracy": 0.4, "seconds": 9}
    return {"epoch": epoch, "side": side, **usual, **metrics}


def build_record(**fields: Any) -> dict[str, Any]:
    """A finished run of one epoch, but for what `fields` say."""
    usual = {
        "settings": {"architecture": "mobilenet_v2", "stages": [[48, 1]]},
        "data_sha256": "0" * 64,
        "started_at": "2026-01-01T00:00:00+00:00",
        "start": "random weights",
        "log": [build_epoch(0)],
    }
    return {**usual, **fields}
