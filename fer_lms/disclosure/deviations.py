"""Mean deviations of a cohort from its members' own means, where few may have been seen. Pure."""

from math import ceil
from typing import Final

import numpy as np

from fer_lms.disclosure.records import BoolArray, FloatArray

FULL_WEIGHT_MEMBERS: Final = 6
"""Members with own data from which the own data of a bin or step counts fully, in classes of up to
twelve. With five, the last of them is found out; with seven, the figures of six cameras are too
inexact."""
MIN_FULL_COLUMNS: Final = 3
"""Bins or steps that are used to predict others."""


def compute_full_weight_members(present: int) -> int:
    """Return from how many members with own data it counts fully: half of a large class.

    A mean of six varies more than that of a large class, which would tell that all six share. The
    number depends on attendance, never on the number of cameras, which must not be learned.

    Args:
        present: Students by attendance, the same number for all figures of a session.
    """
    return max(FULL_WEIGHT_MEMBERS, ceil(present / 2))


def average_deviations(
    deviations: FloatArray, weights: FloatArray, noise: FloatArray, full_members: int
) -> FloatArray:
    """Return the members' mean deviation by column, with a substitute where it is reduced.

    What is missing is taken from the neighbouring columns, since an effect that the whole class
    shows would otherwise appear with the weight, and noise makes up for the missing variance, as
    estimated from the columns where nothing is reduced.

    Args:
        deviations: [members, columns, values]
        weights: [members, columns] What `weigh_own_data` returned.
        noise: [columns, values] Standard normal.
        full_members: What `compute_full_weight_members` returned.
    """
    mean: FloatArray = (deviations * weights[:, :, None]).sum(axis=0)
    total = weights.sum(axis=0)
    is_full = total > 1 - 1e-9
    has_data = weights > 0
    expected, variance = _predict_columns(mean, is_full)
    squares = ((deviations - expected) ** 2 * has_data[:, :, None]).sum(axis=(0, 1))
    squares /= max(has_data.sum(), 1)
    if variance is None:
        variance = squares / full_members
    contained = (weights**2).sum(axis=0)[:, None] * squares
    missing = np.where(is_full[:, None], 0.0, np.maximum(variance - contained, 0))
    if full_members > FULL_WEIGHT_MEMBERS:
        # What a class has in common is contained with the weight. Noise therefore ends where the
        # weight is full: it would tell the last member from the last but one.
        missing = np.minimum(missing, np.maximum(1 - total**2, 0)[:, None] * variance)
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


def weigh_own_data(has_data: BoolArray, full_members: int) -> FloatArray:
    """Return the weight of each member's deviation from their own mean, in each column.

    Those with data have the same weight, whose sum does not depend on how many others are in the
    cohort: a figure would vary less with a member who is out of the picture than without them.
    In large classes the sum grows slowly near one, so that one member more or less changes little.
    In small classes the last but one would then have nearly the weight of full data.

    Args:
        has_data: [members, columns]
        full_members: What `compute_full_weight_members` returned.
    """
    members = has_data.sum(axis=0)
    share = np.clip((members - 1) / (full_members - 1), 0, 1)
    total = share**2 * (3 - 2 * share) if full_members > FULL_WEIGHT_MEMBERS else share**2
    weights: FloatArray = has_data * total / np.maximum(members, 1)
    return weights
