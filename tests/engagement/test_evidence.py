"""Evidence formulas: values, parts, coverage and "unknown"."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

import pytest

from fer_lms.engagement.activity import ActivityState, LearnerAction
from fer_lms.engagement.answer_model import compute_usual_probability
from fer_lms.engagement.baseline import Baseline
from fer_lms.engagement.evidence import (
    FACE_PARTS,
    FORMULAS,
    LOOKING_DOWN,
    NO_BASELINE,
    NO_CAMERA,
    NOT_ENOUGH_SEEN,
    EvidenceInput,
    FaceEvidence,
    compute_confusion,
    compute_disengagement,
    compute_frustration,
    update_face,
)
from fer_lms.engagement.face_reading import compute_face_nats
from fer_lms.engagement.observations import SCALE, SIGN_NAMES
from fer_lms.engagement.usual_face import UsualFace
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
from fer_lms.rules.engine.spec import RuleSpec
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


def test_baseline_expires() -> None:
    two_hours = int(WEIGHTS.baseline_hours * 3600)
    assert not build_baseline().is_expired(build_baseline().until + two_hours, WEIGHTS)
    assert build_baseline().is_expired(build_baseline().until + two_hours + 1, WEIGHTS)


def read_window(
    window: WindowSummary | None, usual: UsualFace | None = None, baseline: Baseline | None = None
) -> FaceEvidence:
    return update_face(FaceEvidence(), window, usual, baseline, now=T, weights=WEIGHTS)


def build_usual(count: int = 20, signs: dict[str, float] = CALM, **fields: Any) -> UsualFace:
    usual = UsualFace(consent_epoch=1)
    for number in range(count):
        usual.add_window(build_window(signs, number=number, **fields), WEIGHTS)
    return usual


def test_face_is_unknown_until_it_is_usual() -> None:
    tense = build_window(TENSE, label="anger")
    assert read_window(tense, build_usual(5)).unknown_reason == NO_BASELINE
    assert read_window(None, build_usual()).unknown_reason == NO_CAMERA
    unseen = build_window(TENSE, label="anger", seen=4)
    assert read_window(unseen, build_usual()).unknown_reason == NOT_ENOUGH_SEEN
    seen = read_window(tense, build_usual())
    assert (seen.unknown_reason, sum(seen.nats.values()) > 0) == ("", True)


def test_usual_face_counts_nothing() -> None:
    frowning = build_usual(signs=TENSE, label="anger")
    assert sum(read_window(build_window(TENSE, label="anger"), frowning).nats.values()) <= 0


def test_usual_face_recovers_from_a_smiling_start() -> None:
    usual = build_usual(6, label="happiness")
    for number in range(6, 20):
        usual.add_window(build_window(number=number, label="neutral"), WEIGHTS)
    assert usual.compute_scores(build_window(label="neutral"))["negative"] == pytest.approx(
        0, abs=0.01
    )


def test_lowered_head_is_no_lowered_brow() -> None:
    usual = UsualFace(consent_epoch=1)
    for number in range(40):
        pitch = -float(number % 8)
        signs = {"brow_lowering": 0.1 - 0.02 * pitch, "pitch": pitch}
        usual.add_window(build_window(signs, number=number), WEIGHTS)
    follows = build_window({"brow_lowering": 0.3, "pitch": -10.0})
    lowers = build_window({"brow_lowering": 0.25, "pitch": 0.0})
    assert usual.compute_scores(lowers)["brow_lowering"] == 3
    assert usual.compute_scores(follows)["brow_lowering"] < 3


def test_window_at_the_keyboard_is_left_out() -> None:
    down = build_window(TENSE | {"pitch": -20.0}, label="anger")
    seen = read_window(down, build_usual())
    assert (seen.unknown_reason, seen.nats) == (LOOKING_DOWN, {})


def test_face_nats_fade_and_are_limited() -> None:
    face = FaceEvidence(nats={"negative": 9.0, "brow": 3.0}, at=T)
    now = face.decay_nats(T, WEIGHTS)
    assert sum(now.values()) == pytest.approx(WEIGHTS.face_most_nats)
    assert now["negative"] == pytest.approx(3 * now["brow"])
    assert sum(face.decay_nats(T + 1100, WEIGHTS).values()) < 0.01


def test_face_of_no_validity_has_no_weight() -> None:
    scores = {"negative": 3.0, "mouth_frown": 3.0, "brow_lowering": 3.0}
    nothing = compute_face_nats(scores, replace(WEIGHTS, face_validity=0.5))
    assert sum(nothing.values()) == pytest.approx(0)
    weak, strong = (
        sum(compute_face_nats(scores, replace(WEIGHTS, face_validity=auc)).values())
        for auc in (0.6, 0.75)
    )
    assert 0 < weak < strong


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
    here = read_window(build_window(own), baseline=baseline)
    assert here.away == pytest.approx(0, abs=1e-6)
    turned = build_window(own | {"yaw": own.get("yaw", 0.0) - 50})
    assert read_window(turned, baseline=baseline).away == pytest.approx(1)


def test_shut_eyes_are_shut_for_any_baseline() -> None:
    for open_eyes in (0.05, 0.13, 0.3):
        baseline = Baseline(consent_epoch=1)
        for number in range(2):
            baseline.add_window(build_window({"eye_openness": open_eyes}, number=number), WEIGHTS)
        shut = build_window({"eye_openness": 0.04})
        assert read_window(shut, baseline=baseline).away == 1


# --- frustration -------------------------------------------------------------------------------


def get_frustration(activity: ActivityState, now: float = T) -> float:
    value = compute_frustration(build_inputs(FaceEvidence(), activity, now, 1e6)).value
    assert value is not None
    return value


def answer_on(values: Sequence[str], every: float = 25.0) -> ActivityState:
    """Return the activity after these answers, the last one now."""
    activity = ActivityState()
    activity.apply(LearnerAction(T - every * len(values), "step_opened", 1), WEIGHTS)
    for number, value in enumerate(values, start=1):
        at = T - every * (len(values) - number)
        activity.apply(LearnerAction(at, "answered", 1, value), WEIGHTS)
    return activity


DRILL = ("right", "wrong", "right", "right", "wrong", "right") * 10


def test_face_alone_stays_below_default_threshold() -> None:
    most = build_face(nats={"negative": 50.0}, at=T)
    evidence = compute_frustration(build_inputs(most, build_activity()))
    assert evidence.face is not None
    assert evidence.face < 0.5 < RuleSpec().threshold
    assert evidence.interaction is not None
    assert evidence.interaction < WEIGHTS.other_source


def test_a_third_of_wrong_answers_is_usual() -> None:
    values = [get_frustration(answer_on(DRILL[:count])) for count in range(6, 60)]
    assert max(values) < 0.3


def test_eight_wrong_in_a_row_are_not_usual() -> None:
    assert get_frustration(answer_on((*DRILL, *["wrong"] * 8))) > RuleSpec().threshold


def test_four_wrong_and_nothing_right_are_not_usual() -> None:
    values = [get_frustration(answer_on(["wrong"] * count, 30.0)) for count in range(1, 5)]
    assert values == sorted(values)
    assert values[2] < RuleSpec().threshold < values[3]


def test_right_answer_lowers_and_does_not_erase() -> None:
    failing = (*DRILL, *["wrong"] * 6)
    before, after = (
        get_frustration(answer_on(values)) for values in (failing, (*failing, "right"))
    )
    assert compute_usual_probability(WEIGHTS) < after < before


def test_alternating_answers_reach_the_threshold() -> None:
    values = [
        get_frustration(answer_on((["wrong", "wrong", "right"] * 4)[:n], 20.0))
        for n in range(1, 13)
    ]
    assert max(values) > RuleSpec().threshold


def test_new_step_ends_what_went_wrong_before() -> None:
    activity = answer_on(["wrong"] * 8)
    activity.apply(LearnerAction(T, "step_opened", 2), WEIGHTS)
    assert get_frustration(activity) == pytest.approx(compute_usual_probability(WEIGHTS))


def test_answers_fade() -> None:
    activity = answer_on((*DRILL, *["wrong"] * 6))
    activity.answered_at = None  # without what silence says
    values = [get_frustration(activity, T + later) for later in (0, 60, 240, 1200)]
    assert values == sorted(values, reverse=True)
    assert values[-1] == pytest.approx(compute_usual_probability(WEIGHTS), abs=0.01)


def test_quick_answers_say_less_in_a_drill() -> None:
    run = (*DRILL, *["wrong"] * 5)
    assert get_frustration(answer_on(run, 6.0)) < get_frustration(answer_on(run, 25.0))


def test_silence_and_idleness_add_up_to_a_limit() -> None:
    activity = answer_on(DRILL)
    values = [get_frustration(activity, T + later) for later in (0, 60, 120)]
    assert values == sorted(values)
    activity.apply(LearnerAction(T + 210, "idle", 1, seconds=90), WEIGHTS)
    assert values[-1] < get_frustration(activity, T + 210) < get_frustration(activity, T + 300)
    assert get_frustration(activity, T + 3000) < 0.95


def test_explanation_parts_are_listed_by_source() -> None:
    activity = answer_on((*DRILL, *["wrong"] * 8))
    face = build_face(nats={"brow": 0.5}, at=T)
    evidence = compute_frustration(build_inputs(face, activity))
    assert sorted(evidence.parts, key=evidence.parts.__getitem__) == [
        "brow",
        "wrong",
        "unmastered",
    ]
    assert evidence.wrong_answers == 9  # in four minutes


def test_self_report_overrides_all_signs() -> None:
    activity = build_activity(
        (20, "answered", "wrong"), (10, "answered", "wrong"), (5, "self_report", "fine")
    )
    evidence = compute_frustration(build_inputs(build_face(nats={"brow": 1.0}, at=T), activity))
    assert (evidence.value, evidence.parts) == (0, {"said_fine": 1})
    later = compute_frustration(
        build_inputs(build_face(nats={"brow": 1.0}, at=T), activity, T + 301)
    )
    assert "said_fine" not in later.parts


def test_self_report_applies_to_one_step() -> None:
    activity = build_activity((5, "self_report", "fine"))
    activity.apply(LearnerAction(T, "step_opened", 2), WEIGHTS)
    activity.apply(LearnerAction(T + 5, "answered", 2, "wrong"), WEIGHTS)
    assert get_frustration(activity, T + 6) > 0


def test_no_input_is_unknown() -> None:
    for formula in FORMULAS.values():
        assert formula(build_inputs(FaceEvidence(), ActivityState())).value is None


# --- confusion and disengagement ---------------------------------------------------------------


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


# --- weights -----------------------------------------------------------------------------------


def test_weights_can_be_overridden() -> None:
    activity = build_activity((10, "hint_asked", ""))
    heavy = parse_weights({"asked_nats": 3})
    value = compute_frustration(build_inputs(FaceEvidence(), activity, T, 1e6, heavy)).value
    assert value is not None
    assert value > get_frustration(activity)


def test_weight_of_release_0_1_0_is_refused_with_advice() -> None:
    with pytest.raises(InvalidWeightsError, match="was removed"):
        parse_weights({"face_most": 0.3})


@pytest.mark.parametrize(
    "changes",
    [
        {"no_such": 1},
        {"face_most_nats": -1},
        {"face_most_nats": "x"},
        {"face_most_nats": 3},
        {"stale_seconds": 110},  # self-reports count in full until 120
        {"silence_from": 4},
        {"face_validity": 0.9},
        {"idle_full_seconds": 30},
        {"dwelling_from": 3},
        {"minimum_coverage": 0},
        {"other_source": 0},
        {"baseline_seconds": 0},
        {"disengagement_idle": 1.5},
        {"word_seconds": float("nan")},
    ],
)
def test_invalid_weight_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(InvalidWeightsError):
        parse_weights(changes)


def test_default_weights_are_valid() -> None:
    assert parse_weights(asdict(WEIGHTS)) == WEIGHTS


def test_stored_weights_are_restored_without_validation() -> None:
    kept = restore_weights({"face_most_nats": 2.5, "of_an_older_release": 1.0})
    assert kept == replace(WEIGHTS, face_most_nats=2.5)
