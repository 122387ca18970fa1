"""Fine-tune the released weights on a school's own pictures, with a report on held-out ones.

`train --from released --data FOLDER` is meant for pictures that their subjects (for children, their
guardians) agreed to. Networks trained on adults lose over 30 points on children. The gain is
measured on held-out people where identities are given, otherwise on held-out pictures.
"""

from pathlib import Path
from typing import Any

import numpy as np

from inference.results import LABELS
from inference.training.data.dataset import FaceDataset, compute_majority_labels, has_majority_label
from inference.training.data.splits import make_split
from inference.training.evaluate.evaluation import load_run, make_torch_scorer
from inference.training.evaluate.intervals import bootstrap_mean_interval, compute_wilson_interval
from inference.training.evaluate.metrics import Classes, Doubles, softmax
from inference.training.json_files import write_json
from inference.training.networks.registry import ExpressionNetwork
from inference.training.networks.safetensors_export import load_released_weights
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
"""Short and with a low learning rate: fine-tuning on a few hundred pictures forgets quickly."""
MIN_CLASS_FACES = 20
"""Held-out faces of an expression below which its accuracy is marked as uncertain."""


def write_adaptation_report(run: Path, faces: FaceDataset, settings: Settings) -> str:
    """Compare released and fine-tuned weights on the held-out part, and write the report.

    Args:
        run: the fine-tuned run; `adaptation.json` is written into it.
        faces: the school's pictures.
        settings: of the run.

    Returns:
        The report as text.
    """
    split = make_split(settings.split, faces, settings.split_seed, settings.validation_share)
    rows = split.test
    rows = rows[has_majority_label(faces.votes[rows])]
    labels = compute_majority_labels(faces.votes[rows])
    adapted, side = load_run(run)
    released = ExpressionNetwork(settings.architecture)
    released_side = load_released_weights(released)
    right = {
        "before": _predict(released.eval(), released_side, faces, rows).argmax(axis=1) == labels,
        "after": _predict(adapted, side, faces, rows).argmax(axis=1) == labels,
    }
    # Paired by face, so that the interval is of the difference itself.
    change = right["after"].astype(float) - right["before"]
    report = {
        "faces": len(rows),
        "people": None if faces.person is None else len(np.unique(faces.person[rows])),
        "by_class": {
            LABELS[label]: {
                "faces": int((labels == label).sum()),
                **{when: float(hits[labels == label].mean()) for when, hits in right.items()},
            }
            for label in np.unique(labels)
        },
        **{
            when: {
                "accuracy": float(hits.mean()),
                "interval_95": compute_wilson_interval(int(hits.sum()), len(hits)),
            }
            for when, hits in right.items()
        },
        "gain": {"points": float(change.mean()), "interval_95": bootstrap_mean_interval(change)},
    }
    write_json(run / "adaptation.json", report)
    return _format_report(report)


def _predict(network: ExpressionNetwork, side: int, faces: FaceDataset, rows: Classes) -> Doubles:
    return softmax(make_torch_scorer(network, side, faces)(rows)[0])


def _format_report(report: dict[str, Any]) -> str:
    people = report["people"]
    who = "pictures" if people is None else f"pictures of {people} people"
    lines = [f"held out: {report['faces']} {who} that were not trained on"]
    for when in ("before", "after"):
        low, high = report[when]["interval_95"]
        lines.append(f"  {when:7} {report[when]['accuracy']:.3f}  [{low:.3f}, {high:.3f}]")
    low, high = report["gain"]["interval_95"]
    lines.append(f"  gain    {report['gain']['points']:+.3f}  [{low:+.3f}, {high:+.3f}]")
    for label, row in report["by_class"].items():
        few = "  (too few faces)" if row["faces"] < MIN_CLASS_FACES else ""
        lines.append(
            f"  {label:10} {row['before']:.3f} -> {row['after']:.3f}  {row['faces']} faces{few}"
        )
    if low <= 0:
        lines.append(
            "The gain may be chance: do not use these weights instead of the released ones."
        )
    if people is None:
        lines.append(
            "Pictures of one person may be on both sides, which inflates the accuracy: give "
            "--people."
        )
    return "\n".join(lines)
