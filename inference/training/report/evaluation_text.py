"""Format what `evaluate` computed for the terminal."""

from typing import Any

from inference.training.evaluate.frequent_classes import add_frequent_metrics
from inference.training.report.rendering import render

NOT_SHOWN = ("balanced_accuracy", "macro_precision", "macro_recall", "macro_f1")


def format_evaluation(name: str, metrics: dict[str, Any]) -> str:
    """Format all metrics of a model, as `evaluate.evaluation.evaluate` returns them."""
    shown = {**metrics, **{head: _select_shown(metrics[head]) for head in ("ferplus", "fer7")}}
    return render("evaluation.txt.j2", name=name, metrics=shown).rstrip()


def _select_shown(metrics: dict[str, Any]) -> dict[str, Any]:
    """Replace means over all classes, which rest on a few faces of the rare ones."""
    frequent = add_frequent_metrics(metrics)
    return {name: value for name, value in frequent.items() if name not in NOT_SHOWN}


def format_accuracy_loss(loss: dict[str, Any]) -> str:
    """Format a paired accuracy loss, with the other model's name as `model`."""
    lines = [f"accuracy lost against {loss['model']}, on the same faces"]
    for head, title in (("ferplus", "FER+"), ("fer7", "FER2013, seven labels")):
        found = loss[head]
        low, high = found["interval_95"]
        lines.append(
            f"  {title:28} {found['accuracy_lost']:+.4f}  [{low:.4f}, {high:.4f}]  "
            f"{found['faces']} faces"
        )
    return "\n".join(lines)
