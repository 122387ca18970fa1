"""Valence and arousal as a weighted mean of published centroids."""

import pytest

from inference.affect import CENTROIDS, derive_affect
from inference.results import LABELS, ExpressionScores


def make_scores(**shares: float) -> ExpressionScores:
    return ExpressionScores(tuple(shares.get(label, 0.0) for label in LABELS))


@pytest.mark.parametrize("label", CENTROIDS)
def test_a_certain_expression_is_at_its_centroid(label: str) -> None:
    affect = derive_affect(make_scores(**{label: 1.0}))
    assert affect is not None
    assert (affect.valence, affect.arousal) == CENTROIDS[label]


def test_mixtures_lie_between_and_contempt_is_left_out() -> None:
    mixed = derive_affect(make_scores(happiness=0.4, neutral=0.4, contempt=0.2))
    assert mixed is not None
    assert (mixed.valence, mixed.arousal) == pytest.approx((0.405, 0.255))
    assert derive_affect(make_scores(contempt=0.6, neutral=0.4)) is None


def test_every_label_but_contempt_has_a_centroid() -> None:
    assert set(CENTROIDS) == set(LABELS) - {"contempt"}
