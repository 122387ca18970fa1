from dataclasses import replace

import pytest

from fer_lms.engagement.scoring import classify_level, compute_engagement, compute_gaze_ratio
from inference.results import (
    LABELS,
    QUALITIES,
    ExpressionScores,
    FaceReading,
    FacialSigns,
    HeadPose,
)

SIGNS = FacialSigns(
    brow_lowering=0,
    inner_brow_raise=0,
    mouth_press=0,
    mouth_frown=0,
    smile=0,
    jaw_drop=0,
    eye_squint=0,
    blink=0,
    eye_openness=0.32,
    gaze_horizontal=0,
    gaze_vertical=0,
)


def scores(**shares: float) -> ExpressionScores:
    return ExpressionScores(tuple(shares.get(label, 0.0) for label in LABELS))


def reading(
    expression: str = "neutral", *, yaw: float = 0, pitch: float = 0, **signs: float
) -> FaceReading:
    return FaceReading(
        quality="ok",
        face_count=1,
        expressions=scores(**{expression: 1.0}),
        pose=HeadPose(yaw=yaw, pitch=pitch, roll=0),
        signs=replace(SIGNS, **signs),
    )


def compute_value(seen: FaceReading, preset: str) -> float:
    engagement = compute_engagement(seen, preset)
    assert engagement is not None
    return engagement.value


@pytest.mark.parametrize(
    ("expression", "weight"),
    [
        ("neutral", 0.9),
        ("happiness", 0.6),
        ("surprise", 0.6),
        ("sadness", 0.3),
        ("fear", 0.3),
        ("anger", 0.25),
        ("disgust", 0.2),
    ],
)
def test_sharma_emotion_weights_match_the_paper(expression: str, weight: float) -> None:
    assert compute_value(reading(expression), "sharma2019") == pytest.approx(weight * 5 / 4.5)


@pytest.mark.parametrize(
    ("eye_openness", "gaze_horizontal", "weight"),
    [(0.19, 0, 0), (0.2, 0, 1.5), (0.29, 0.9, 1.5), (0.3, 0, 5), (0.3, 0.32, 5), (0.3, -0.4, 2)],
)
def test_sharma_gaze_weights_match_the_paper(
    eye_openness: float, gaze_horizontal: float, weight: float
) -> None:
    seen = reading(eye_openness=eye_openness, gaze_horizontal=gaze_horizontal)
    assert compute_value(seen, "sharma2019") == pytest.approx(0.9 * weight / 4.5)


def test_contempt_is_dropped_and_rest_renormalised() -> None:
    mixed = replace(reading(), expressions=scores(contempt=0.5, neutral=0.25, anger=0.25))
    assert compute_value(mixed, "sharma2019") == pytest.approx((0.9 + 0.25) / 2 * 5 / 4.5)
    assert compute_engagement(reading("contempt"), "sharma2019") is None


def test_gaze_ratio_is_symmetric() -> None:
    assert compute_gaze_ratio(0) == 1
    assert compute_gaze_ratio(1 / 3) == pytest.approx(2)
    assert compute_gaze_ratio(-0.5) == compute_gaze_ratio(0.5)
    assert compute_gaze_ratio(1) == float("inf")


@pytest.mark.parametrize("expression", LABELS)
def test_transparent_ignores_expressions(expression: str) -> None:
    assert compute_value(reading(expression), "transparent") == 1


@pytest.mark.parametrize(
    ("seen", "value"),
    [
        (reading(yaw=20), 1),
        (reading(yaw=45), 0),
        (reading(yaw=-32.5), 0.5),
        (reading(yaw=32.5, gaze_horizontal=-0.5), 0.75),
        (reading(gaze_horizontal=1.0), 0.8),
        (reading(pitch=-50), 0.5),
        (reading(eye_openness=0.1), 0),
        (reading(eye_openness=0.16), 0.5),
    ],
)
def test_transparent_follows_head_and_eyes(seen: FaceReading, value: float) -> None:
    assert compute_value(seen, "transparent") == pytest.approx(value)


def test_transparent_returns_its_parts() -> None:
    engagement = compute_engagement(reading(yaw=32.5), "transparent")
    assert engagement is not None
    assert engagement.parts == {"head_forward": 0.5, "gaze_on_screen": 0.5, "eyes_open": 1}


@pytest.mark.parametrize("preset", ["sharma2019", "transparent"])
def test_insufficient_reading_gives_none(preset: str) -> None:
    for quality in QUALITIES:
        known = compute_engagement(replace(reading(), quality=quality), preset)
        assert (known is not None) == (quality == "ok")
    assert compute_engagement(replace(reading(), signs=None), preset) is None


def test_unknown_preset_raises() -> None:
    with pytest.raises(KeyError):
        compute_engagement(reading(), "best")


@pytest.mark.parametrize(
    ("value", "level"),
    [(0.66, "high"), (0.65, "medium"), (0.25, "medium"), (0.24, "low"), (0, "low")],
)
def test_levels_match_the_paper(value: float, level: str) -> None:
    assert classify_level(value) == level


@pytest.mark.parametrize("expression", LABELS)
def test_head_only_ignores_expression_and_eyes(expression: str) -> None:
    assert (
        compute_value(reading(expression, eye_openness=0.1, gaze_horizontal=1.0), "head_only") == 1
    )
    assert compute_value(reading(expression, yaw=-32.5), "head_only") == 0.5
