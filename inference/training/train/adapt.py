"""A school's own pictures: from the released weights, in minutes, with a held-out report.

`train --from released --data FOLDER` is meant for pictures that their subjects (for children, their
guardians) agreed to. Networks that learned from adults lose over 30 points on children; what is
gained here is measured on people, or at least pictures, that were not trained on.
"""

from pathlib import Path
from typing import Any

import numpy as np

from inference.results import LABELS
from inference.training.data.dataset import FaceDataset, compute_majority_labels, has_majority_label
from inference.training.data.splits import make_split
from inference.training.evaluate.evaluation import load_run, run_scorer
from inference.training.evaluate.intervals import of_mean, of_share
from inference.training.evaluate.metrics import Classes, Doubles, softmax
from inference.training.networks.registry import ExpressionNetwork
from inference.training.networks.safetensors_export import load_released_weights
from inference.training.records import write_json
from inference.training.settings import Settings

ADAPTATION = Settings(
    split="study",
    stages=[(96, 12)],
    batch_size=32,
    learning_rate=3e-4,
    warm_up=0.1,
    mixup_share=0.0,
    average_decay=0.98,
    patience=4,
    processes=1,
)
"""Short and gentle: a few hundred pictures forget quickly what thirty thousand taught."""
FEW = 20
"""Held-out faces of an expression below which its figure says little."""


def held_out_report(run: Path, faces: FaceDataset, settings: Settings) -> str:
    """Before and after on the held-out part, also as `adaptation.json` in the run's folder."""
    split = make_split(settings.split, faces, settings.split_seed, settings.validation_share)
    rows = split.test
    rows = rows[has_majority_label(faces.votes[rows])]
    wanted = compute_majority_labels(faces.votes[rows])
    adapted, side = load_run(run)
    released = ExpressionNetwork(settings.architecture)
    released_side = load_released_weights(released)
    said = {
        "before": _probabilities(released.eval(), released_side, faces, rows),
        "after": _probabilities(adapted, side, faces, rows),
    }
    rights = {when: p.argmax(axis=1) == wanted for when, p in said.items()}
    figures = {
        "faces": len(rows),
        "people": None if faces.person is None else len(np.unique(faces.person[rows])),
        "by_class": {
            LABELS[each]: {
                "faces": int((wanted == each).sum()),
                **{when: float(r[wanted == each].mean()) for when, r in rights.items()},
            }
            for each in np.unique(wanted)
        },
        **{when: _with_interval(p, wanted) for when, p in said.items()},
        "gain": _gain(said["before"], said["after"], wanted),
    }
    write_json(run / "adaptation.json", figures)
    return _text(figures)


def _probabilities(
    network: ExpressionNetwork, side: int, faces: FaceDataset, rows: Classes
) -> Doubles:
    return softmax(run_scorer(network, side, faces)(rows)[0])


def _with_interval(probabilities: Doubles, wanted: Classes) -> dict[str, Any]:
    right = probabilities.argmax(axis=1) == wanted
    return {
        "accuracy": float(right.mean()),
        "interval_95": of_share(int(right.sum()), len(right)),
    }


def _gain(before: Doubles, after: Doubles, wanted: Classes) -> dict[str, Any]:
    """The same faces before and after, so that the interval is of the difference itself."""
    change = (after.argmax(axis=1) == wanted).astype(float) - (before.argmax(axis=1) == wanted)
    return {"points": float(change.mean()), "interval_95": of_mean(change)}


def _text(figures: dict[str, Any]) -> str:
    who = "pictures" if figures["people"] is None else f"pictures of {figures['people']} people"
    lines = [f"held out: {figures['faces']} {who} that were not trained on"]
    for when in ("before", "after"):
        low, high = figures[when]["interval_95"]
        lines.append(f"  {when:7} {figures[when]['accuracy']:.3f}  [{low:.3f}, {high:.3f}]")
    low, high = figures["gain"]["interval_95"]
    lines.append(f"  gain    {figures['gain']['points']:+.3f}  [{low:+.3f}, {high:+.3f}]")
    for label, each in figures["by_class"].items():
        few = "  (too few to say)" if each["faces"] < FEW else ""
        lines.append(
            f"  {label:10} {each['before']:.3f} -> {each['after']:.3f}  {each['faces']} faces{few}"
        )
    if low <= 0:
        lines.append(
            "The gain may be chance: do not use these weights instead of the released ones."
        )
    if figures["people"] is None:
        lines.append(
            "Give --people, or the same person may stand on both sides and the figures flatter."
        )
    return "\n".join(lines)
