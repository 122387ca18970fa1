"""Records of simulated runs, as JSON."""

from typing import Any

from inference.results import LABELS
from inference.training.records import RunRecord


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


def build_head_metrics(accuracy: float) -> dict[str, Any]:
    names = ("accuracy", "loss", "macro_precision", "macro_recall", "macro_f1", "ece")
    values = dict.fromkeys((*names, "accuracy_at_85_coverage"), accuracy)
    return {
        **values,
        "interval_95": dict.fromkeys(values, (0.1234567, 0.75)),
        "accuracy_where_8_of_10_agree": None,
        "confusion": [[8, 1], [0, 1]],
        "classes": dict.fromkeys(LABELS[:2]),
    }


def build_finished_record(name: str, **fields: Any) -> RunRecord:
    evaluation = {"ferplus": build_head_metrics(1 / 3), "fer7": build_head_metrics(0.5)}
    return RunRecord.from_json(build_record(name=name, evaluation=evaluation, **fields))
