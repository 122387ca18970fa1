"""Format what `evaluate` computed for the terminal."""

from typing import Any

from inference.training.report.rendering import render


def format_evaluation(name: str, metrics: dict[str, Any]) -> str:
    """Format all metrics of a model, as `evaluate.evaluation.evaluate` returns them."""
    return render("evaluation.txt.j2", name=name, metrics=metrics).rstrip()


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
