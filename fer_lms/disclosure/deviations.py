"""Mean deviations of a cohort from its members' own means, where few may have been seen. Pure."""

from typing import Final

import numpy as np

from fer_lms.disclosure.records import BoolArray, FloatArray

FULL_WEIGHT_MEMBERS: Final = 6
"""Members with own data from which the own data of a bin or step counts fully. With five, the last
of them is found out; with seven, the figures of six cameras are too inexact."""
MIN_FULL_COLUMNS: Final = 3
"""Bins or steps that are used to predict others."""


def average_deviations(
    deviations: FloatArray, weights: FloatArray, noise: FloatArray
) -> FloatArray:
    """Return the members' mean deviation by column, with a substitute where it is reduced.

    What is missing is taken from the neighbouring columns, since an effect that the whole class
    shows would otherwise appear with the weight, and noise makes up for the missing variance, as
    estimated from the columns where nothing is reduced.

    Args:
        deviations: [members, columns, values]
        weights: [members, columns] What `weigh_own_data` returned.
        noise: [columns, values] Standard normal.
    """
    mean: FloatArray = (deviations * weights[:, :, None]).sum(axis=0)
    total = weights.sum(axis=0)
    is_full = total > 1 - 1e-9
    has_data = weights > 0
    expected, variance = _predict_columns(mean, is_full)
    squares = ((deviations - expected) ** 2 * has_data[:, :, None]).sum(axis=(0, 1))
    squares /= max(has_data.sum(), 1)
    if variance is None:
        variance = squares / FULL_WEIGHT_MEMBERS
    contained = (weights**2).sum(axis=0)[:, None] * squares
    missing = np.where(is_full[:, None], 0.0, np.maximum(variance - contained, 0))
    substitute = np.maximum(1 - total, 0)[:, None] * expected
    result: FloatArray = mean + substitute + noise * np.sqrt(missing)
    return result


def _predict_columns(mean: FloatArray, is_full: BoolArray) -> tuple[FloatArray, FloatArray | None]:
    """Predict each column's mean from its neighbours where nothing is reduced.

    Args:
        mean: [columns, values]
        is_full: [columns]

    Returns:
        The prediction, [columns, values], and the variance of the full columns around it,
        [values]; zero and None if too few columns are full.
    """
    full = np.flatnonzero(is_full)
    expected: FloatArray = np.zeros_like(mean)
    if len(full) < MIN_FULL_COLUMNS:
        return expected, None
    for column in range(len(mean)):
        others = full[full != column]
        before, after = others[others < column][-1:], others[others > column][:1]
        expected[column] = mean[np.concatenate([before, after])].mean(axis=0)
    known, neighbours = mean[full], expected[full]
    slopes = (known * neighbours).sum(axis=0) / np.maximum((neighbours**2).sum(axis=0), 1e-12)
    expected *= np.clip(slopes, 0, 1)
    return expected, ((known - expected[full]) ** 2).mean(axis=0)


def weigh_own_data(has_data: BoolArray) -> FloatArray:
    """Return the weight of each member's deviation from their own mean, in each column.

    Those with data have the same weight, whose sum does not depend on how many others are in the
    cohort: a figure would vary less with a member who is out of the picture than without them.
    """
    members = has_data.sum(axis=0)
    total = np.clip((members - 1) / (FULL_WEIGHT_MEMBERS - 1), 0, 1) ** 2
    weights: FloatArray = has_data * total / np.maximum(members, 1)
    return weights
