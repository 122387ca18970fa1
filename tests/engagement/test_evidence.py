"""Confusion and disengagement, and "unknown" where there is no input."""

import pytest

from fer_lms.engagement.activity import ActivityState, LearnerAction
from fer_lms.engagement.evidence import (
    FACE_PARTS,
    FORMULAS,
    FaceEvidence,
    compute_confusion,
    compute_disengagement,
)
from fer_lms.engagement.weights import DEFAULT_WEIGHTS as WEIGHTS
from inference.results import LABELS
from tests.engagement.evidence_input import (
    CALM,
    STEP_SECONDS,
    T,
    build_activity,
    build_baseline,
    build_face,
    build_inputs,
    build_usual,
    build_window,
    read_window,
)


def test_no_input_is_unknown() -> None:
    for formula in FORMULAS.values():
        assert formula(build_inputs(FaceEvidence(), ActivityState())).value is None


def test_dwelling_and_revisits_count_as_confusion_without_the_face() -> None:
    activity = build_activity()
    face = build_face(nats={"brow": 2.0}, at=T)
    now, later = (
        compute_confusion(build_inputs(face, activity, at)) for at in (T, T + 4 * STEP_SECONDS)
    )
    assert "dwelling" in later.parts
    assert not FACE_PARTS & later.parts.keys()
    assert (now.value or 0) < (later.value or 0) < 0.66


def test_idle_time_is_not_dwelling() -> None:
    activity = build_activity((30, "idle", ""))
    assert activity.compute_dwell_seconds(T + 1000) == pytest.approx(30)
    activity.apply(LearnerAction(T + 1000, "returned", 1), WEIGHTS)
    assert activity.compute_dwell_seconds(T + 1010) == pytest.approx(40)


@pytest.mark.parametrize("label", LABELS)
def test_expressions_never_count_as_disengagement(label: str) -> None:
    seen = read_window(build_window(CALM, label=label), build_usual(), build_baseline())
    assert compute_disengagement(build_inputs(seen, build_activity())).value == pytest.approx(0)


def test_absence_away_and_idle_time_count_as_disengagement() -> None:
    gone = read_window(build_window(seen=0, readings=0, no_face=20), baseline=build_baseline())
    turned = build_window({"yaw": 50.0, "eye_openness": 0.3})
    away = read_window(turned, baseline=build_baseline())
    idle = build_activity((120, "idle", ""))
    values = [
        compute_disengagement(build_inputs(gone, build_activity())).value,
        compute_disengagement(build_inputs(away, build_activity())).value,
        compute_disengagement(build_inputs(FaceEvidence(), idle, T + 60)).value,
    ]
    assert values == [pytest.approx(0.45), pytest.approx(0.45), pytest.approx(0.75)]
