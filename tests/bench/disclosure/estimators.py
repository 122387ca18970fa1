"""Estimators of the adversary, and the advantage that they have over a guess.

Each estimator is trained on other sessions than it is tested on (cross-fitting by session).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
FOLDS = 5
PENALTIES = (0.1, 1.0, 10.0, 100.0, 1000.0)
BOOTSTRAPS = 400
Kind = Literal["value", "choice"]


@dataclass(frozen=True, slots=True)
class Trials:
    """Trials of one attack; a row is one student of one session.

    Attributes:
        kind: Whether `target` is a value or a choice (a class number).
        target: What the adversary wants to know.
        given: Features without the target's data: the released mean and public knowledge.
        released: Further features, from everything that was released.
        session: Number of the session of each row; a session is never split between folds.
    """

    kind: Kind
    target: Floats
    given: Floats
    released: Floats
    session: Ints


@dataclass(frozen=True, slots=True)
class Advantage:
    """The advantage of an attack with its 95 % interval over sessions."""

    trials: int
    advantage: float
    ci_low: float
    ci_high: float
    baseline: float

    def to_row(self) -> dict[str, Any]:
        values = {name: round(getattr(self, name), 3) for name in self.__dataclass_fields__}
        return values | {"trials": self.trials}


def measure(trials: Trials, seed: int = 0) -> Advantage:
    """Compare the adversary with the best guess without the target's data.

    For a value, 1 - mean absolute error / that of the guess; for a choice,
    (accuracy - baseline) / (1 - baseline).
    """
    predict = predict_values if trials.kind == "value" else predict_choices
    rows = np.hstack([trials.given, trials.released])
    attacked = predict(rows, trials.target, trials.session, seed)
    guessed = predict(trials.given, trials.target, trials.session, seed)
    if trials.kind == "value":
        ours, theirs = abs(attacked - trials.target), abs(guessed - trials.target)
    else:
        classes, counts_by_class = np.unique(trials.target, return_counts=True)
        constant = trials.target == classes[counts_by_class.argmax()]
        ours, theirs = attacked == trials.target, guessed == trials.target
        theirs = theirs if theirs.mean() >= constant.mean() else constant
    _, codes = np.unique(trials.session, return_inverse=True)
    sums = np.stack([np.bincount(codes, weights=part.astype(float)) for part in (ours, theirs)])
    counts = np.bincount(codes).astype(float)
    score = _score_values if trials.kind == "value" else _score_choices
    random = np.random.default_rng(seed)
    picks = random.integers(0, len(counts), (BOOTSTRAPS, len(counts)))
    drawn = [score(sums[:, pick].sum(axis=1), counts[pick].sum()) for pick in picks]
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Advantage(
        trials=len(trials.target),
        advantage=score(sums.sum(axis=1), counts.sum()),
        ci_low=float(low),
        ci_high=float(high),
        baseline=float(sums[1].sum() / counts.sum()),
    )


def predict_values(rows: Floats, target: Floats, session: Ints, seed: int) -> Floats:
    """Predict by ridge regression; the penalty is chosen inside the training sessions."""
    return _cross_fit(_fit_best_ridge, rows, target, session, seed)


def predict_choices(rows: Floats, target: Floats, session: Ints, seed: int) -> Floats:
    """Predict classes by multinomial logistic regression."""
    return _cross_fit(_fit_logistic, rows, target, session, seed)


Model = Callable[[Floats], Floats]


def _cross_fit(
    fit: Callable[[Floats, Floats, Ints], Model],
    rows: Floats,
    target: Floats,
    session: Ints,
    seed: int,
) -> Floats:
    folds = _assign_folds(session, seed)
    predicted = np.empty(len(target))
    for fold in range(FOLDS):
        train, test = folds != fold, folds == fold
        if not test.any():
            continue
        model = fit(rows[train], target[train], session[train])
        predicted[test] = model(rows[test])
    return predicted


def _assign_folds(session: Ints, seed: int) -> Ints:
    names, codes = np.unique(session, return_inverse=True)
    order = np.random.default_rng(seed).permutation(len(names))
    folds: Ints = (order % FOLDS)[codes]
    return folds


def _standardise(rows: Floats) -> tuple[Floats, Floats]:
    mean = rows.mean(axis=0)
    deviation = rows.std(axis=0)
    return mean, np.where(deviation > 1e-9, deviation, np.inf)


def _fit_best_ridge(rows: Floats, target: Floats, session: Ints) -> Model:
    inner = _assign_folds(session, 1) == 0
    errors = []
    for penalty in PENALTIES:
        model = _fit_ridge(rows[~inner], target[~inner], penalty)
        errors.append(float(abs(model(rows[inner]) - target[inner]).mean()))
    return _fit_ridge(rows, target, PENALTIES[int(np.argmin(errors))])


def _fit_ridge(rows: Floats, target: Floats, penalty: float) -> Model:
    """Fit a ridge regression, reweighted towards the least absolute error, which is measured."""
    mean, deviation = _standardise(rows)
    design = np.hstack([np.ones((len(rows), 1)), (rows - mean) / deviation])
    penalties = penalty * np.eye(design.shape[1])
    penalties[0, 0] = 0
    weights = np.ones(len(rows))
    coefficients = np.zeros(design.shape[1])
    for _ in range(8):
        weighted = design * weights[:, None]
        coefficients = np.linalg.solve(weighted.T @ design + penalties, weighted.T @ target)
        weights = 1 / np.maximum(abs(design @ coefficients - target), 0.03)
        weights /= weights.mean()

    def predict(values: Floats) -> Floats:
        result: Floats = (
            np.hstack([np.ones((len(values), 1)), (values - mean) / deviation]) @ coefficients
        )
        return result

    return predict


def _fit_logistic(rows: Floats, target: Floats, session: Ints) -> Model:
    inner = _assign_folds(session, 1) == 0
    best = max(
        PENALTIES,
        key=lambda penalty: float(
            (
                _fit_softmax(rows[~inner], target[~inner], penalty)(rows[inner]) == target[inner]
            ).mean()
        ),
    )
    return _fit_softmax(rows, target, best)


def _fit_softmax(rows: Floats, target: Floats, penalty: float) -> Model:
    classes, codes = np.unique(target, return_inverse=True)
    mean, deviation = _standardise(rows)
    design = np.hstack([np.ones((len(rows), 1)), (rows - mean) / deviation])
    wanted = np.eye(len(classes))[codes]
    coefficients = np.zeros((design.shape[1], len(classes)))
    shrink = np.full((design.shape[1], 1), penalty / len(rows))
    shrink[0] = 0
    # Upper bound of the curvature (Boehning 1992): a fixed step matrix, no line search.
    curvature = design.T @ design / (2 * len(rows)) + np.diag(shrink[:, 0] + 1e-6)
    step = np.linalg.inv(curvature)
    for _ in range(60):
        logits = design @ coefficients
        odds = np.exp(logits - logits.max(axis=1, keepdims=True))
        shares = odds / odds.sum(axis=1, keepdims=True)
        gradient = design.T @ (shares - wanted) / len(rows) + shrink * coefficients
        coefficients -= step @ gradient

    def predict(values: Floats) -> Floats:
        scores = np.hstack([np.ones((len(values), 1)), (values - mean) / deviation]) @ coefficients
        chosen: Floats = classes[scores.argmax(axis=1)]
        return chosen

    return predict


def _score_values(sums: Floats, _count: float) -> float:
    ours, theirs = sums
    return float(1 - ours / theirs) if theirs else 0.0


def _score_choices(sums: Floats, count: float) -> float:
    right, baseline = sums / count
    return float((right - baseline) / (1 - baseline)) if baseline < 1 else 0.0
