"""Windows, faces and activities as input of the evidence formulas."""

from dataclasses import replace
from typing import Any

from fer_lms.engagement.activity import ActivityState, LearnerAction
from fer_lms.engagement.baseline import Baseline
from fer_lms.engagement.evidence import (
    EvidenceInput,
    FaceEvidence,
    compute_frustration,
    update_face,
)
from fer_lms.engagement.observations import SCALE, SIGN_NAMES
from fer_lms.engagement.usual_face import UsualFace
from fer_lms.engagement.weights import DEFAULT_WEIGHTS as WEIGHTS
from fer_lms.engagement.weights import Weights
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


def read_window(
    window: WindowSummary | None, usual: UsualFace | None = None, baseline: Baseline | None = None
) -> FaceEvidence:
    return update_face(FaceEvidence(), window, usual, baseline, now=T, weights=WEIGHTS)


def build_usual(count: int = 20, signs: dict[str, float] = CALM, **fields: Any) -> UsualFace:
    usual = UsualFace(consent_epoch=1)
    for number in range(count):
        usual.add_window(build_window(signs, number=number, **fields), WEIGHTS)
    return usual


def get_frustration(activity: ActivityState, now: float = T) -> float:
    value = compute_frustration(build_inputs(FaceEvidence(), activity, now, 1e6)).value
    assert value is not None
    return value
