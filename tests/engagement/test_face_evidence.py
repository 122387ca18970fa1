"""Evidence of the face: baseline, usual face, coverage and gaze."""

from dataclasses import replace

import pytest

from fer_lms.engagement.baseline import Baseline
from fer_lms.engagement.evidence import (
    LOOKING_DOWN,
    NO_BASELINE,
    NO_CAMERA,
    NOT_ENOUGH_SEEN,
    FaceEvidence,
)
from fer_lms.engagement.face_reading import compute_face_nats
from fer_lms.engagement.observations import SCALE, SIGN_NAMES
from fer_lms.engagement.usual_face import UsualFace
from fer_lms.engagement.weights import DEFAULT_WEIGHTS as WEIGHTS
from tests.engagement.evidence_input import (
    CALM,
    TENSE,
    T,
    build_baseline,
    build_usual,
    build_window,
    read_window,
)


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
