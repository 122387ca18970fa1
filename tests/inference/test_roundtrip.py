"""The pipeline's crop is equivalent to the crop that the network was trained on."""

import os

import numpy as np
import pytest

from inference.pipeline import FacePipeline
from tests.inference.roundtrip import load_fer2013, measure_round_trip, select_public_test_rows

SAMPLE = 600
"""Rows in a fixed random sample; `python -m tests.inference.roundtrip` reads all."""


@pytest.mark.skipif("FER_DATA" not in os.environ, reason="FER_DATA is not set: no labelled faces")
@pytest.mark.parametrize("landmarks", [True, False])
def test_accuracy_loss_through_pipeline_is_at_most_3_points(
    landmarks: bool, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    pipeline: FacePipeline = request.getfixturevalue("pipeline" if landmarks else "light_pipeline")
    faces = load_fer2013()
    rows = np.random.default_rng(0).choice(select_public_test_rows(faces), SAMPLE, replace=False)
    result = measure_round_trip(pipeline, faces, rows)
    with capsys.disabled():
        print(f"\n{'with' if landmarks else 'without'} landmarks: {result}")  # noqa: T201
    assert result.found_share >= 0.93
    assert result.accuracy_loss <= 0.03
