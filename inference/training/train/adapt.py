"""Fine-tune the released weights on a school's own pictures, with a report on held-out ones.

`train --from released --data FOLDER` is meant for pictures that their subjects (for children, their
guardians) agreed to. Networks trained on adults lose over 30 points on children. The gain is
measured on held-out people where identities are given, otherwise on held-out pictures.
"""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference.results import LABELS
from inference.training.data.dataset import (
    FaceDataset,
    Rows,
    compute_majority_labels,
    has_majority_label,
)
from inference.training.data.splits import keep_one_per_group, make_split
from inference.training.errors import BadData
from inference.training.evaluate.evaluation import load_run, make_torch_scorer
from inference.training.evaluate.intervals import (
    DRAWS,
    Interval,
    bootstrap_mean_interval,
    compute_percentile_interval,
    compute_wilson_interval,
)
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
MIN_FACES = 40
MIN_EXPRESSIONS = 2
MIN_EXPRESSION_FACES = 10
MIN_PEOPLE = 10
MIN_EXPRESSION_PEOPLE = 3
"""With fewer, the network would learn the people instead of the expression."""


def check_adaptation_faces(faces: FaceDataset) -> None:
    """Refuse pictures from which a network cannot be adapted and measured.

    Raises:
        BadData: there are too few expressions, faces or people; the message lists all of it.
    """
    rows = keep_one_per_group(np.arange(len(faces.images)), faces.group)
    if issues := _find_shortages(faces, rows):
        raise BadData("too few pictures to adapt the network: " + "; ".join(issues))


def _find_shortages(faces: FaceDataset, rows: Rows) -> list[str]:
    """List what is missing, identical pictures counted once."""
    labels = compute_majority_labels(faces.votes[rows])
    people = None if faces.person is None else faces.person[rows]
    names = [LABELS[label] for label in np.unique(labels)]
    issues = []
    if len(names) < MIN_EXPRESSIONS:
        issues.append(f"they show {names[0]} only; add a folder of another expression")
    if len(rows) < MIN_FACES:
        issues.append(f"{len(rows)} different pictures; at least {MIN_FACES} are needed")
    if people is not None and (count := len(np.unique(people))) < MIN_PEOPLE:
        issues.append(f"{count} people; at least {MIN_PEOPLE} are needed")
    for label, name in zip(np.unique(labels), names, strict=True):
        shown = labels == label
        if shown.sum() < MIN_EXPRESSION_FACES:
            issues.append(
                f"{shown.sum()} pictures of {name}; add some until there are "
                f"{MIN_EXPRESSION_FACES}, or remove the folder"
            )
        elif people is not None and len(np.unique(people[shown])) < MIN_EXPRESSION_PEOPLE:
            issues.append(
                f"{name} of fewer than {MIN_EXPRESSION_PEOPLE} people; add other people, or "
                "remove the folder"
            )
    return issues


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
    people = None if faces.person is None else faces.person[rows]
    report = {
        "faces": len(rows),
        "people": None if people is None else len(np.unique(people)),
        "by_person": [] if people is None else _measure_people(people, rows, right, faces),
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
        "gain": {"points": float(change.mean()), "interval_95": _compute_interval(change, people)},
    }
    write_json(run / "adaptation.json", report)
    return _format_report(report)


def _measure_people(
    people: NDArray[np.int32], rows: Rows, right: dict[str, NDArray[np.bool_]], faces: FaceDataset
) -> list[dict[str, Any]]:
    """Return accuracy before and after for each held-out person, named by their first picture."""
    measured = []
    for person in np.unique(people):
        own = people == person
        first = rows[own][0]
        measured.append(
            {
                "picture": f"row {first}" if faces.files is None else str(faces.files[first]),
                "faces": int(own.sum()),
                **{when: float(hits[own].mean()) for when, hits in right.items()},
            }
        )
    return sorted(measured, key=lambda item: item["picture"])


def _compute_interval(change: Doubles, people: NDArray[np.int32] | None) -> Interval:
    """Bootstrap the mean change over people where they are known, otherwise over faces.

    A person's faces are alike: resampled as if independent, they would give too narrow an interval.
    """
    if people is None:
        return bootstrap_mean_interval(change)
    groups = [change[people == person] for person in np.unique(people)]
    rng = np.random.default_rng(0)
    draws = rng.integers(0, len(groups), (DRAWS, len(groups)))
    return compute_percentile_interval(
        [float(np.concatenate([groups[i] for i in draw]).mean()) for draw in draws]
    )


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
    lines += [
        f"  person of {person['picture']:24} {person['before']:.3f} -> {person['after']:.3f}  "
        f"{person['faces']} faces"
        for person in report["by_person"]
    ]
    if people == 1:
        lines.append("One person is held out, so the gain's interval is not known: add people.")
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
