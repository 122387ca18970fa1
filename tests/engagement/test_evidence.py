"""Evidence: each number with its parts, its coverage and "unknown"."""

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


def window(
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


def usual() -> Baseline:
    baseline = Baseline(consent_epoch=1)
    for number in range(2):
        baseline.add_window(window(number=number), WEIGHTS)
    return baseline


def face(**fields: Any) -> FaceEvidence:
    return replace(FaceEvidence(coverage=1.0, unknown_reason="", away=0.0, absent=0.0), **fields)


def inputs(
    face: FaceEvidence,
    activity: ActivityState,
    now: float = T,
    step_seconds: float = STEP_SECONDS,
    weights: Weights = WEIGHTS,
) -> EvidenceInput:
    return EvidenceInput(face, activity, now, step_seconds, weights)


def did(*actions: tuple[float, str, str]) -> ActivityState:
    activity = ActivityState()
    activity.apply(LearnerAction(T - 60, "step_opened", 1), WEIGHTS)
    for ago, kind, value in actions:
        activity.apply(LearnerAction(T - ago, kind, 1, value), WEIGHTS)
    return activity


# --- baseline ----------------------------------------------------------------------------------


def test_twenty_seen_seconds_make_a_baseline() -> None:
    baseline = Baseline(consent_epoch=1)
    seen = []
    for number, seconds in enumerate((9, 0, 8, 9, 10)):
        baseline.add_window(window(number=number, seen=seconds), WEIGHTS)
        seen.append((baseline.seen_seconds, baseline.is_complete))
    assert seen == [(9, False), (9, False), (17, False), (26, True), (26, True)]


def test_everything_is_relative_to_the_own_baseline() -> None:
    frowner = Baseline(consent_epoch=1)
    for number in range(2):
        frowner.add_window(window(TENSE, number=number), WEIGHTS)
    assert usual().compute_elevation("brow_lowering", window(TENSE), WEIGHTS) == 1
    assert frowner.compute_elevation("brow_lowering", window(TENSE), WEIGHTS) == 0


def test_a_baseline_expires() -> None:
    two_hours = int(WEIGHTS.baseline_hours * 3600)
    assert not usual().is_expired(usual().until + two_hours, WEIGHTS)
    assert usual().is_expired(usual().until + two_hours + 1, WEIGHTS)


def test_until_there_is_a_baseline_the_face_says_nothing() -> None:
    seen = compute_face_evidence(window(TENSE), Baseline(consent_epoch=1), WEIGHTS)
    assert (seen.unknown_reason, seen.brow, seen.away) == (NO_BASELINE, 0, None)
    assert compute_face_evidence(None, usual(), WEIGHTS).unknown_reason == NO_CAMERA
    assert (
        compute_face_evidence(window(TENSE, seen=4), usual(), WEIGHTS).unknown_reason
        == NOT_ENOUGH_SEEN
    )


def test_looking_left_half_of_the_time_and_right_the_other_is_looking_away() -> None:
    straight = window(CALM)
    squares = list(straight.sign_square_sums)
    squares[SIGN_NAMES.index("yaw")] = 45**2 * SCALE * SCALE * straight.sign_count
    to_and_fro = replace(straight, sign_square_sums=squares)
    assert usual().compute_attention(straight) == 1
    assert usual().compute_attention(to_and_fro) == 0


@pytest.mark.parametrize(
    "own",
    [
        {"yaw": 40.0, "pitch": -30.0, "eye_openness": 0.3},
        {"eye_openness": 0.13},
        {"gaze_horizontal": 1.0, "yaw": 10.0, "eye_openness": 0.3},
    ],
    ids=["camera to the side", "narrow eyes", "eyes to the side"],
)
def test_looking_away_is_away_from_where_one_usually_looks(own: dict[str, float]) -> None:
    baseline = Baseline(consent_epoch=1)
    for number in range(2):
        baseline.add_window(window(own, number=number), WEIGHTS)
    assert compute_face_evidence(window(own), baseline, WEIGHTS).away == pytest.approx(0, abs=1e-6)
    turned = window(own | {"yaw": own.get("yaw", 0.0) - 50})
    assert compute_face_evidence(turned, baseline, WEIGHTS).away == pytest.approx(1)


def test_eyes_that_are_shut_for_everybody_are_shut_whatever_is_usual() -> None:
    for open_eyes in (0.05, 0.13, 0.3):
        baseline = Baseline(consent_epoch=1)
        for number in range(2):
            baseline.add_window(window({"eye_openness": open_eyes}, number=number), WEIGHTS)
        assert compute_face_evidence(window({"eye_openness": 0.04}), baseline, WEIGHTS).away == 1


# --- frustration -------------------------------------------------------------------------------


def test_a_face_alone_never_reaches_the_default_threshold() -> None:
    most = face(brow=1.0, mouth=1.0, negative=1.0)
    evidence = compute_frustration(inputs(most, did()))
    assert evidence.face == 1
    assert evidence.value == pytest.approx(0.45)
    assert evidence.interaction == 0


def test_a_tense_face_adds_to_one_wrong_answer() -> None:
    activity = did((10, "answered", "wrong"))
    alone = compute_frustration(inputs(face(), activity))
    both = compute_frustration(inputs(face(brow=1.0, mouth=1.0), activity))
    assert alone.value == pytest.approx(0.35)
    assert both.value == pytest.approx(1 - (1 - 0.35) * (1 - 0.45 * 0.7))
    assert set(both.parts) == {"wrong", "brow", "mouth"}


def test_a_neutral_face_takes_nothing_away() -> None:
    activity = did((10, "answered", "wrong"), (20, "answered", "wrong"))
    with_face = compute_frustration(inputs(face(), activity))
    without = compute_frustration(inputs(FaceEvidence(), activity))
    assert with_face.value == without.value == pytest.approx(1 - 0.65**2)
    assert without.face_unknown_reason == NO_CAMERA


def test_a_right_answer_and_another_step_end_the_strain() -> None:
    for relief in ((5, "answered", "right"), (5, "step_opened", "")):
        activity = did((20, "answered", "wrong"), (10, "answered", "wrong"))
        step = 1 if relief[1] == "answered" else 2
        activity.apply(LearnerAction(T - relief[0], relief[1], step, relief[2]), WEIGHTS)
        assert compute_frustration(inputs(FaceEvidence(), activity)).value == 0


def test_what_went_wrong_fades() -> None:
    activity = did((30, "answered", "wrong"))
    values = [
        compute_frustration(inputs(FaceEvidence(), activity, T + later, 1e6)).value
        for later in (0, 60, 135, 210)
    ]
    assert values == [pytest.approx(each) for each in (0.35, 0.35, 0.175, 0)]


def test_the_learners_word_stands_against_all_signs() -> None:
    activity = did((20, "answered", "wrong"), (10, "answered", "wrong"), (5, "self_report", "fine"))
    evidence = compute_frustration(inputs(face(brow=1.0), activity))
    assert (evidence.value, evidence.parts) == (0, {"said_fine": 1})
    later = compute_frustration(inputs(face(brow=1.0), activity, T + 301))
    assert "said_fine" not in later.parts


def test_what_was_said_of_one_step_does_not_hold_for_the_next() -> None:
    activity = did((5, "self_report", "fine"))
    activity.apply(LearnerAction(T, "step_opened", 2), WEIGHTS)
    activity.apply(LearnerAction(T + 5, "answered", 2, "wrong"), WEIGHTS)
    evidence = compute_frustration(inputs(FaceEvidence(), activity, T + 6))
    assert evidence.value == pytest.approx(0.35)


def test_nothing_done_and_nothing_seen_is_unknown() -> None:
    for formula in FORMULAS.values():
        assert formula(inputs(FaceEvidence(), ActivityState())).value is None


# --- confusion and disengagement ---------------------------------------------------------------


def test_dwelling_alone_is_no_confusion_but_with_a_brow_it_may_be() -> None:
    activity = did()
    long_after = T + 4 * STEP_SECONDS
    dwelling = compute_confusion(inputs(FaceEvidence(), activity, long_after))
    with_brow = compute_confusion(inputs(face(brow=1.0), activity, long_after))
    assert dwelling.value == pytest.approx(0.45)
    assert with_brow.value is not None
    assert with_brow.value > 0.5


def test_idle_time_is_not_dwelling() -> None:
    activity = did((30, "idle", ""))
    assert activity.compute_dwell_seconds(T + 1000) == pytest.approx(30)
    activity.apply(LearnerAction(T + 1000, "returned", 1), WEIGHTS)
    assert activity.compute_dwell_seconds(T + 1010) == pytest.approx(40)


@pytest.mark.parametrize("label", LABELS)
def test_no_expression_is_ever_disengagement(label: str) -> None:
    seen = compute_face_evidence(window(CALM, label=label), usual(), WEIGHTS)
    assert compute_disengagement(inputs(seen, did())).value == pytest.approx(0)


def test_absence_looking_away_and_idle_time_are_disengagement() -> None:
    gone = compute_face_evidence(window(seen=0, readings=0, no_face=20), usual(), WEIGHTS)
    away = compute_face_evidence(window({"yaw": 50.0, "eye_openness": 0.3}), usual(), WEIGHTS)
    idle = did((120, "idle", ""))
    values = [
        compute_disengagement(inputs(gone, did())).value,
        compute_disengagement(inputs(away, did())).value,
        compute_disengagement(inputs(FaceEvidence(), idle, T + 60)).value,
    ]
    assert values == [pytest.approx(0.45), pytest.approx(0.45), pytest.approx(0.75)]


# --- weights -----------------------------------------------------------------------------------


def test_weights_are_settings() -> None:
    activity = did((10, "answered", "wrong"))
    heavy = parse_weights({"frustration_wrong": 0.6})
    assert compute_frustration(
        inputs(FaceEvidence(), activity, T, 1e6, heavy)
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
        {"stale_seconds": 110},  # what was said is full until 120
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
def test_an_impossible_weight_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(InvalidWeightsError):
        parse_weights(changes)


def test_the_usual_weights_are_within_their_limits() -> None:
    assert parse_weights(asdict(WEIGHTS)) == WEIGHTS


def test_weights_that_were_in_force_are_read_whatever_is_allowed_now() -> None:
    kept = restore_weights({"face_most": 0.6, "of_an_older_release": 1.0})
    assert kept == replace(WEIGHTS, face_most=0.6)
