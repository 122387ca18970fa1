"""Accuracy, macro F1 and AUC of clip scores with intervals over subjects; published results."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np

from fer_lms.engagement.scoring import PRESETS
from tests.bench.engagement.clip_scores import EVIDENCE_BY_STATE, ClipScores
from tests.bench.rules.face_reading import compute_auc
from tests.bench.rules.outcomes import Array, compute_interval

LEVELS: Final = (0, 1, 2, 3)
HIGH_FROM: Final = 2
"""Level from which a state counts as present, for the AUC: "high" or "very high"."""
FOLDS: Final = 5
RESAMPLES: Final = 500
MIN_SUBJECTS: Final = 2

Row = dict[str, Any]
Metric = Callable[[Array, Array], float]

BASELINES: Final[Mapping[str, Sequence[Row]]] = {
    "daisee": [
        {"model": name, "source": "Gupta et al. 2016, arXiv 1609.01885", "accuracy": accuracy}
        for name, accuracy in (
            (
                "InceptionNet, frames",
                {"boredom": 0.365, "engagement": 0.471, "confusion": 0.703, "frustration": 0.783},
            ),
            (
                "InceptionNet, video",
                {"boredom": 0.323, "engagement": 0.464, "confusion": 0.663, "frustration": 0.773},
            ),
            (
                "C3D, trained",
                {"boredom": 0.472, "engagement": 0.486, "confusion": 0.679, "frustration": 0.783},
            ),
            (
                "C3D, fine-tuned",
                {"boredom": 0.452, "engagement": 0.561, "confusion": 0.663, "frustration": 0.791},
            ),
            (
                "LRCN",
                {"boredom": 0.537, "engagement": 0.579, "confusion": 0.723, "frustration": 0.735},
            ),
        )
    ]
    + [
        {
            "model": "DenseAttNet",
            "source": "Mehta et al. 2022, doi 10.1007/s10489-022-03200-4",
            "accuracy": {"engagement": 0.6359, "boredom": 0.5427},
        },
        {
            "model": "ViBED-Net",
            "source": "Gothwal, Banerjee, Biswas 2025, arXiv 2510.18016",
            "accuracy": {"engagement": 0.7343},
        },
    ],
    "engagenet": [
        {
            "model": "TCN, gaze + head pose + action units",
            "source": "Singh et al. 2023, arXiv 2302.00431",
            "accuracy": {"engagement": 0.6560},
        },
        {
            "model": "Transformer, gaze + head pose + action units",
            "source": "Singh et al. 2023, arXiv 2302.00431",
            "accuracy": {"engagement": 0.6761},
        },
    ],
}
"""Accuracy of four levels on the test split, 0..1. These models were trained on the data set; the
formulas were not, except for three cut points."""


def measure_scores(scores: Sequence[ClipScores]) -> dict[str, Any]:
    """Return the metrics of every preset and state."""
    presets = [_measure_preset(scores, preset) for preset in PRESETS]
    labelled = {state for one in scores for state in one.clip.levels}
    states = [_measure_state(scores, state) for state in EVIDENCE_BY_STATE if state in labelled]
    levels = [one.clip.levels["engagement"] for one in scores]
    shares = [levels.count(level) / len(levels) for level in LEVELS]
    return {
        "engagement": presets,
        "states": states,
        "level_shares": [round(share, 4) for share in shares],
        "majority_accuracy": round(max(shares), 4),
    }


def _measure_preset(scores: Sequence[ClipScores], preset: str) -> Row:
    known = [one for one in scores if one.indices[preset] is not None]
    values = np.array([one.indices[preset] for one in known], float)
    levels = np.array([one.clip.levels["engagement"] for one in known], int)
    subjects = [one.clip.subject for one in known]
    row: Row = {"preset": preset, "clips": len(known), "known": round(len(known) / len(scores), 4)}
    row |= {"auc": None, "accuracy": None, "macro_f1": None}
    if len(set(subjects)) < MIN_SUBJECTS:
        return row
    predicted = predict_levels(values, levels, subjects)
    row["auc"] = _measure(levels >= HIGH_FROM, values, subjects, compute_label_auc)
    row["accuracy"] = _measure(levels, predicted, subjects, compute_accuracy)
    row["macro_f1"] = _measure(levels, predicted, subjects, compute_macro_f1)
    return row


def _measure_state(scores: Sequence[ClipScores], state: str) -> Row:
    known = [one for one in scores if one.evidence.get(state) is not None]
    values = np.array([one.evidence[state] for one in known], float)
    is_high = np.array([one.clip.levels[state] >= HIGH_FROM for one in known], bool)
    subjects = [one.clip.subject for one in known]
    return {
        "state": state,
        "evidence": EVIDENCE_BY_STATE[state],
        "clips": len(known),
        "present": int(is_high.sum()),
        "auc": _measure(is_high, values, subjects, compute_label_auc) if known else None,
    }


def predict_levels(values: Array, levels: Array, subjects: Sequence[str]) -> Array:
    """Return a level for each clip, by cut points from the other subjects.

    The subjects are divided into folds. The cut points of a fold are the quantiles of the index
    over the other folds that give each level its share of their labels.
    """
    names = sorted(set(subjects))
    fold_by_subject = {name: number % min(FOLDS, len(names)) for number, name in enumerate(names)}
    folds = np.array([fold_by_subject[subject] for subject in subjects])
    predicted = np.zeros(len(values), int)
    for fold in set(fold_by_subject.values()):
        others, held_out = folds != fold, folds == fold
        shares = [float(np.mean(levels[others] <= level)) for level in LEVELS[:-1]]
        cuts = np.quantile(values[others], shares)
        predicted[held_out] = np.searchsorted(cuts, values[held_out], side="right")
    return predicted


def compute_label_auc(is_high: Array, values: Array) -> float:
    """Return the AUC, or NaN where all labels are the same."""
    if is_high.all() or not is_high.any():
        return float("nan")
    return compute_auc(values[is_high].tolist(), values[~is_high].tolist())


def compute_accuracy(levels: Array, predicted: Array) -> float:
    return float(np.mean(levels == predicted))


def compute_macro_f1(levels: Array, predicted: Array) -> float:
    """Return the mean F1 over the levels that occur."""
    scores = []
    for level in np.unique(levels):
        hits = float(np.sum((levels == level) & (predicted == level)))
        scores.append(2 * hits / float(np.sum(levels == level) + np.sum(predicted == level)))
    return float(np.mean(scores))


def _measure(labels: Array, values: Array, subjects: Sequence[str], metric: Metric) -> Row | None:
    """Return the value of a metric with its interval over subjects; None if it is undefined."""
    value = metric(labels, values)
    if np.isnan(value):
        return None
    resampled = [metric(labels[rows], values[rows]) for rows in _resample_subjects(subjects)]
    low, high = compute_interval(np.array(resampled))
    return {"value": round(value, 4), "interval": [round(low, 4), round(high, 4)]}


def _resample_subjects(subjects: Sequence[str]) -> list[Array]:
    """Return the rows of each resample: all clips of subjects drawn with replacement."""
    names = sorted(set(subjects))
    rows = {name: np.flatnonzero(np.array(subjects) == name) for name in names}
    random = np.random.default_rng(0)
    return [
        np.concatenate([rows[name] for name in random.choice(names, len(names))])
        for _ in range(RESAMPLES)
    ]
