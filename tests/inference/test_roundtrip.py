"""The crop that the pipeline makes is the crop that the network was trained on."""

import os

import numpy as np
import pytest

from inference.pipeline import FacePipeline
from tests.inference.roundtrip import open_faces, public_test_rows, round_trip

SAMPLE = 600
"""Rows, drawn once and for all, that take some seconds; `python -m tests.inference.roundtrip`
sends all of them."""


@pytest.mark.skipif("FER_DATA" not in os.environ, reason="FER_DATA is not set: no labelled faces")
@pytest.mark.parametrize("landmarks", [True, False])
def test_faces_sent_through_read_lose_at_most_three_points(
    landmarks: bool, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    pipeline: FacePipeline = request.getfixturevalue("pipeline" if landmarks else "light_pipeline")
    faces = open_faces()
    rows = np.random.default_rng(0).choice(public_test_rows(faces), SAMPLE, replace=False)
    result = round_trip(pipeline, faces, rows)
    with capsys.disabled():
        print(f"\n{'with' if landmarks else 'without'} landmarks: {result}")  # noqa: T201
    assert result.found >= 0.93
    assert result.lost <= 0.03
