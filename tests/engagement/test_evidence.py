"""Evidence formulas: values, parts, coverage and "unknown"."""

from dataclasses import asdict, replace
from typing import Any

import pytest

from fer_lms.engagement.activity import ActivityState, LearnerAction
from fer_lms.engagement.baseline import Baseline
from fer_lms.engagement.evidence import (
    FORMULAS,
    NO_BASELINE,
    NO_CAMERA,
    NOT_ENOUGH_SEEN,
    EvidenceInput,
    FaceEvidence,
    compute_confusion,
    compute_disengagement,
    compute_face_evidence,
    compute_frustration,
)
from fer_lms.engagement.observations import SCALE, SIGN_NAMES
from fer_lms.engagement.weights import (
    DEFAULT_WEIGHTS as WEIGHTS,
)
from fer_lms.engagement.weights import (
    InvalidWeightsError,
    Weights,
    parse_weights,
    restore_weights,
)
from fer_lms.engagement.window_summary import WindowSummary
from inference.results import LABELS

T = 1_700_000_000.0
STEP_SECONDS = 120.0
CALM = {"brow_lowering": 0.1, "eye_openness": 0.3}
TENSE = CALM | {"brow_lowering": 0.6, "mouth_press": 0.5}


def build_window(
    signs: dict[str, float] = CALM,
    *,
    number: int = 0,
    seen: int = 10,
    label: str = "neutral",
    no_face: int = 0,
    readings: int = 20,
) -> WindowSummary:
    means = [round(signs.get(name, 0.0) * SCALE) for name in SIGN_NAMES]
    return WindowSummary(
        start=int(T) + 10 * number,
        consent_epoch=1,
        seen_seconds=seen,
        processed=readings + no_face,
        no_face=no_face,
        hidden_ms=0,
        sign_count=readings,
        sign_sums=[mean * readings for mean in means],
        sign_square_sums=[mean * mean * readings for mean in means],
        scored=readings,
        score_sums=[readings * SCALE if name == label else 0 for name in LABELS],
    )


def build_baseline() -> Baseline:
    baseline = Baseline(consent_epoch=1)
    for number in range(2):
        baseline.add_window(build_window(number=number), WEIGHTS)
    return baseline


def build_face(**fields: Any) -> FaceEvidence:
    return replace(FaceEvidence(coverage=1.0, unknown_reason="", away=0.0, absent=0.0), **fields)


def build_inputs(
    face: FaceEvidence,
    activity: ActivityState,
    now: float = T,
    step_seconds: float = STEP_SECONDS,
    weights: Weights = WEIGHTS,
) -> EvidenceInput:
    return EvidenceInput(face, activity, now, step_seconds, weights)


def build_activity(*actions: tuple[float, str, str]) -> ActivityState:
    activity = ActivityState()
    activity.apply(LearnerAction(T - 60, "step_opened", 1), WEIGHTS)
    for ago, kind, value in actions:
        activity.apply(LearnerAction(T - ago, kind, 1, value), WEIGHTS)
    return activity


# --- baseline ----------------------------------------------------------------------------------


def test_calibration_takes_twenty_seen_seconds() -> None:
    baseline = Baseline(consent_epoch=1)
    seen = []
    for number, seconds in enumerate((9, 0, 8, 9, 10)):
        baseline.add_window(build_window(number=number, seen=seconds), WEIGHTS)
        seen.append((baseline.seen_seconds, baseline.is_complete))
    assert seen == [(9, False), (9, False), (17, False), (26, True), (26, True)]


def test_signs_are_relative_to_own_baseline() -> None:
    frowner = Baseline(consent_epoch=1)
    for number in range(2):
        frowner.add_window(build_window(TENSE, number=number), WEIGHTS)
    assert build_baseline().compute_elevation("brow_lowering", build_window(TENSE), WEIGHTS) == 1
    assert frowner.compute_elevation("brow_lowering", build_window(TENSE), WEIGHTS) == 0


def test_baseline_expires() -> None:
    two_hours = int(WEIGHTS.baseline_hours * 3600)
    assert not build_baseline().is_expired(build_baseline().until + two_hours, WEIGHTS)
    assert build_baseline().is_expired(build_baseline().until + two_hours + 1, WEIGHTS)


def test_face_is_unknown_without_baseline() -> None:
    seen = compute_face_evidence(build_window(TENSE), Baseline(consent_epoch=1), WEIGHTS)
    assert (seen.unknown_reason, seen.brow, seen.away) == (NO_BASELINE, 0, None)
    assert compute_face_evidence(None, build_baseline(), WEIGHTS).unknown_reason == NO_CAMERA
    assert (
        compute_face_evidence(build_window(TENSE, seen=4), build_baseline(), WEIGHTS).unknown_reason
        == NOT_ENOUGH_SEEN
    )


def test_alternating_gaze_counts_as_away() -> None:
    straight = build_window(CALM)
    squares = list(straight.sign_square_sums)
    squares[SIGN_NAMES.index("yaw")] = 45**2 * SCALE * SCALE * straight.sign_count
    to_and_fro = replace(straight, sign_square_sums=squares)
    assert build_baseline().compute_attention(straight) == 1
    assert build_baseline().compute_attention(to_and_fro) == 0


@pytest.mark.parametrize(
    "own",
    [
        {"yaw": 40.0, "pitch": -30.0, "eye_openness": 0.3},
        {"eye_openness": 0.13},
        {"gaze_horizontal": 1.0, "yaw": 10.0, "eye_openness": 0.3},
    ],
    ids=["camera to the side", "narrow eyes", "eyes to the side"],
)
def test_away_is_relative_to_baseline_direction(own: dict[str, float]) -> None:
    baseline = Baseline(consent_epoch=1)
    for number in range(2):
        baseline.add_window(build_window(own, number=number), WEIGHTS)
    assert compute_face_evidence(build_window(own), baseline, WEIGHTS).away == pytest.approx(
        0, abs=1e-6
    )
    turned = build_window(own | {"yaw": own.get("yaw", 0.0) - 50})
    assert compute_face_evidence(turned, baseline, WEIGHTS).away == pytest.approx(1)


def test_shut_eyes_are_shut_for_any_baseline() -> None:
    for open_eyes in (0.05, 0.13, 0.3):
        baseline = Baseline(consent_epoch=1)
        for number in range(2):
            baseline.add_window(build_window({"eye_openness": open_eyes}, number=number), WEIGHTS)
        assert (
            compute_face_evidence(build_window({"eye_openness": 0.04}), baseline, WEIGHTS).away == 1
        )


# --- frustration -------------------------------------------------------------------------------


def test_face_alone_stays_below_default_threshold() -> None:
    most = build_face(brow=1.0, mouth=1.0, negative=1.0)
    evidence = compute_frustration(build_inputs(most, build_activity()))
    assert evidence.face == 1
    assert evidence.value == pytest.approx(0.45)
    assert evidence.interaction == 0


def test_tense_face_adds_to_wrong_answer() -> None:
    activity = build_activity((10, "answered", "wrong"))
    alone = compute_frustration(build_inputs(build_face(), activity))
    both = compute_frustration(build_inputs(build_face(brow=1.0, mouth=1.0), activity))
    assert alone.value == pytest.approx(0.35)
    assert both.value == pytest.approx(1 - (1 - 0.35) * (1 - 0.45 * 0.7))
    assert set(both.parts) == {"wrong", "brow", "mouth"}


def test_neutral_face_subtracts_nothing() -> None:
    activity = build_activity((10, "answered", "wrong"), (20, "answered", "wrong"))
    with_face = compute_frustration(build_inputs(build_face(), activity))
    without = compute_frustration(build_inputs(FaceEvidence(), activity))
    assert with_face.value == without.value == pytest.approx(1 - 0.65**2)
    assert without.face_unknown_reason == NO_CAMERA


def test_right_answer_or_new_step_clears_errors() -> None:
    for relief in ((5, "answered", "right"), (5, "step_opened", "")):
        activity = build_activity((20, "answered", "wrong"), (10, "answered", "wrong"))
        step = 1 if relief[1] == "answered" else 2
        activity.apply(LearnerAction(T - relief[0], relief[1], step, relief[2]), WEIGHTS)
        assert compute_frustration(build_inputs(FaceEvidence(), activity)).value == 0


def test_wrong_answers_decay() -> None:
    activity = build_activity((30, "answered", "wrong"))
    values = [
        compute_frustration(build_inputs(FaceEvidence(), activity, T + later, 1e6)).value
        for later in (0, 60, 135, 210)
    ]
    assert values == [pytest.approx(value) for value in (0.35, 0.35, 0.175, 0)]


def test_self_report_overrides_all_signs() -> None:
    activity = build_activity(
        (20, "answered", "wrong"), (10, "answered", "wrong"), (5, "self_report", "fine")
    )
    evidence = compute_frustration(build_inputs(build_face(brow=1.0), activity))
    assert (evidence.value, evidence.parts) == (0, {"said_fine": 1})
    later = compute_frustration(build_inputs(build_face(brow=1.0), activity, T + 301))
    assert "said_fine" not in later.parts


def test_self_report_applies_to_one_step() -> None:
    activity = build_activity((5, "self_report", "fine"))
    activity.apply(LearnerAction(T, "step_opened", 2), WEIGHTS)
    activity.apply(LearnerAction(T + 5, "answered", 2, "wrong"), WEIGHTS)
    evidence = compute_frustration(build_inputs(FaceEvidence(), activity, T + 6))
    assert evidence.value == pytest.approx(0.35)


def test_no_input_is_unknown() -> None:
    for formula in FORMULAS.values():
        assert formula(build_inputs(FaceEvidence(), ActivityState())).value is None


# --- confusion and disengagement ---------------------------------------------------------------


def test_dwelling_needs_brow_for_confusion() -> None:
    activity = build_activity()
    long_after = T + 4 * STEP_SECONDS
    dwelling = compute_confusion(build_inputs(FaceEvidence(), activity, long_after))
    with_brow = compute_confusion(build_inputs(build_face(brow=1.0), activity, long_after))
    assert dwelling.value == pytest.approx(0.45)
    assert with_brow.value is not None
    assert with_brow.value > 0.5


def test_idle_time_is_not_dwelling() -> None:
    activity = build_activity((30, "idle", ""))
    assert activity.compute_dwell_seconds(T + 1000) == pytest.approx(30)
    activity.apply(LearnerAction(T + 1000, "returned", 1), WEIGHTS)
    assert activity.compute_dwell_seconds(T + 1010) == pytest.approx(40)


@pytest.mark.parametrize("label", LABELS)
def test_expressions_never_count_as_disengagement(label: str) -> None:
    seen = compute_face_evidence(build_window(CALM, label=label), build_baseline(), WEIGHTS)
    assert compute_disengagement(build_inputs(seen, build_activity())).value == pytest.approx(0)


def test_absence_away_and_idle_time_count_as_disengagement() -> None:
    gone = compute_face_evidence(
        build_window(seen=0, readings=0, no_face=20), build_baseline(), WEIGHTS
    )
    away = compute_face_evidence(
        build_window({"yaw": 50.0, "eye_openness": 0.3}), build_baseline(), WEIGHTS
    )
    idle = build_activity((120, "idle", ""))
    values = [
        compute_disengagement(build_inputs(gone, build_activity())).value,
        compute_disengagement(build_inputs(away, build_activity())).value,
        compute_disengagement(build_inputs(FaceEvidence(), idle, T + 60)).value,
    ]
    assert values == [pytest.approx(0.45), pytest.approx(0.45), pytest.approx(0.75)]


# --- weights -----------------------------------------------------------------------------------


def test_weights_can_be_overridden() -> None:
    activity = build_activity((10, "answered", "wrong"))
    heavy = parse_weights({"frustration_wrong": 0.6})
    assert compute_frustration(
        build_inputs(FaceEvidence(), activity, T, 1e6, heavy)
    ).value == pytest.approx(0.6)


@pytest.mark.parametrize(
    "changes",
    [
        {"no_such": 1},
        {"face_most": -1},
        {"face_most": "x"},
        {"face_most": 2},
        {"fresh_seconds": 240},
        {"stale_seconds": 90},
        {"stale_seconds": 110},  # self-reports count in full until 120
        {"rise_full": 1},
        {"spread_floor": 0},
        {"negative_full": 0},
        {"idle_full_seconds": 30},
        {"dwelling_from": 3},
        {"minimum_coverage": 0},
        {"other_source": 0},
        {"baseline_seconds": 0},
        {"frustration_wrong": 1.5},
        {"word_seconds": float("nan")},
    ],
)
def test_invalid_weight_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(InvalidWeightsError):
        parse_weights(changes)


def test_default_weights_are_valid() -> None:
    assert parse_weights(asdict(WEIGHTS)) == WEIGHTS


def test_stored_weights_are_restored_without_validation() -> None:
    kept = restore_weights({"face_most": 0.6, "of_an_older_release": 1.0})
    assert kept == replace(WEIGHTS, face_most=0.6)
