"""Evaluation of one rule: verdicts, explanations and validation."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from fer_lms.engagement.activity import ActivityState
from fer_lms.engagement.evidence import (
    EXCLUDED,
    FORMULAS,
    NO_CAMERA,
    NOT_ENOUGH_SEEN,
    Evidence,
    EvidenceInput,
    FaceEvidence,
)
from fer_lms.engagement.weights import DEFAULT_WEIGHTS
from fer_lms.rules.engine.explanations import FIXED_TEXTS, VERDICT_TEXTS, Audience, explain
from fer_lms.rules.engine.matching import (
    EvaluationContext,
    RuleProgress,
    Verdict,
    can_fire_at,
    compute_thresholds,
    evaluate_rule,
)
from fer_lms.rules.engine.spec import COOLDOWN_SECONDS, RuleSpec, validate_spec

DEFAULT = RuleSpec(threshold=0.5, release=0.35, over_windows=2, of_windows=3, held_windows=5)
AUDIENCES: tuple[Audience, ...] = ("learner", "teacher")


def build_context(value: float | None, **fields: Any) -> EvaluationContext:
    interaction = fields.pop("interaction", value)
    coverage = fields.pop("coverage", 1.0)
    because = fields.pop("because", "")
    evidence = Evidence(value, interaction, 0.5, coverage, {"wrong": 1.5, "brow": 0.4}, because, 2)
    defaults: dict[str, Any] = {"at": 1000.0, "is_window_close": True, "session_seconds": 1000.0}
    return EvaluationContext(evidence={"frustration": evidence}, **(defaults | fields))


def evaluate(
    values: Sequence[float | None], spec: RuleSpec = DEFAULT, **fields: Any
) -> tuple[RuleProgress, list[Verdict]]:
    run, verdicts = RuleProgress(), []
    for value in values:
        run, verdict = evaluate_rule(spec, run, build_context(value, **fields))
        verdicts.append(verdict)
    return run, verdicts


def reasons(values: Sequence[float | None], spec: RuleSpec = DEFAULT, **fields: Any) -> list[str]:
    return [verdict.reason for verdict in evaluate(values, spec, **fields)[1]]


def test_fires_after_five_held_windows() -> None:
    assert reasons([0.6] * 6) == ["too_short"] * 5 + ["fired"]


def test_one_window_of_three_may_be_below_threshold() -> None:
    assert reasons([0.6, 0.6, 0.4, 0.6, 0.6, 0.4, 0.6])[-1] == "fired"
    assert "fired" not in reasons([0.6, 0.4, 0.4] * 6)


def test_unknown_windows_neither_count_nor_interrupt() -> None:
    assert reasons([0.6, 0.6, None, 0.6, None, None, 0.6, 0.6, 0.6])[-1] == "fired"
    assert "fired" not in reasons([0.6, 0.6, 0.6, None, None, None, 0.6, 0.6, 0.6])


def test_window_with_low_coverage_does_not_count_as_calm() -> None:
    run = RuleProgress()
    for value, coverage in ((0.6, 1.0), (0.6, 1.0), (0.3, 0.2), (0.3, 0.2), (0.6, 1.0)):
        because = NOT_ENOUGH_SEEN if coverage < 0.5 else ""
        run, _ = evaluate_rule(
            DEFAULT, run, build_context(value, coverage=coverage, because=because)
        )
    assert run.held_windows == 2


@pytest.mark.parametrize("because", [NO_CAMERA, EXCLUDED])
def test_window_of_a_learner_without_camera_counts_as_calm(because: str) -> None:
    run = RuleProgress()
    for value in (0.6, 0.6, 0.3, 0.3):
        run, _ = evaluate_rule(DEFAULT, run, build_context(value, coverage=0.0, because=because))
    assert run.held_windows == 0


def test_low_coverage_excludes_the_face() -> None:
    spec = replace(DEFAULT, minimum_coverage=0.8)
    run, verdict = evaluate_rule(
        spec, RuleProgress(), build_context(0.9, interaction=0.2, coverage=0.6)
    )
    assert (verdict.value, verdict.reason, run.flags) == (0.2, "calm", ())


def test_rule_fires_again_while_still_stuck() -> None:
    """After the cooldown, until the evidence falls below the release level."""
    run, _ = evaluate([0.6] * 6)
    run, verdict = evaluate_rule(DEFAULT, run, build_context(0.6, last_hint_at=900.0))
    assert verdict.reason == "cooldown"
    run, verdict = evaluate_rule(DEFAULT, run, build_context(0.4, last_hint_at=-1000.0))
    assert (verdict.reason, run.level) == ("fired", 2)  # below the threshold, above the release


def test_sources_of_a_further_hint_are_those_of_its_level() -> None:
    """Who is still stuck gets it at the release level: a source that reached it is recorded."""
    run, _ = evaluate([0.6] * 6)
    later = build_context(0.4, at=1000.0 + COOLDOWN_SECONDS, last_hint_at=1000.0)
    _, verdict = evaluate_rule(DEFAULT, run, later)
    assert verdict.has_fired
    assert verdict.sources == {"interaction": True, "face": True, "fused": True}


def test_face_seen_too_little_is_no_source() -> None:
    _, verdicts = evaluate([0.6] * 6, coverage=0.3)
    assert verdicts[-1].sources == {"interaction": True}


def test_chatter_at_the_threshold_does_not_fire() -> None:
    run, _ = evaluate([0.6] * 6)
    run, verdict = evaluate_rule(DEFAULT, run, build_context(0.3, last_hint_at=-1000.0))
    assert (verdict.reason, run.is_latched) == ("calm", False)
    run, verdict = evaluate_rule(DEFAULT, run, build_context(0.45, last_hint_at=-1000.0))
    assert verdict.reason == "calm"


def test_level_counts_firings_on_a_step() -> None:
    levels = []
    run = READY
    for step in (1, 1, 1, 2):
        run, _ = evaluate_rule(DEFAULT, run, build_context(0.6, step=step))
        levels.append(run.level)
    assert levels == [1, 2, 3, 1]


READY = RuleProgress(flags=(True, True, True), held_windows=9)


@pytest.mark.parametrize(
    ("reason", "spec", "fields"),
    [
        ("fired", {}, {}),
        ("face_alone", {}, {"interaction": 0.1}),
        ("switched_off", {}, {"is_switched_off": True}),
        ("muted", {}, {"is_muted": True}),
        ("other_learner", {"learners": (7,)}, {"learner_id": 8}),
        ("fired", {"learners": (7,)}, {"learner_id": 7}),
        ("fired", {"groups": (3,)}, {"learner_id": 8, "group_ids": frozenset({3})}),
        ("other_learner", {"groups": (3,)}, {"learner_id": 8, "group_ids": frozenset({4})}),
        ("other_step", {"steps": (1,)}, {"step": 2}),
        ("fired", {"steps": (1,)}, {"step": 1}),
        ("quiet", {"quiet_start_seconds": 60}, {"session_seconds": 59.0}),
        ("quiet", {"quiet_steps": (4,)}, {"step": 4}),
        ("quiet", {"quiet_minutes": ((16, 17),)}, {"session_seconds": 1000.0}),
        ("lesson_full", {}, {"hint_count": 4}),
        ("cooldown", {}, {"last_hint_at": 701.0}),
        ("fired", {}, {"last_hint_at": 700.0}),
        ("cooldown", {}, {"last_hint_at": 500.0, "cooldown_factor": 2.0}),
        ("cooldown", {}, {"hint_requested_at": 985.0}),
        ("calm", {}, {"threshold_shifts": {"frustration": 0.2}}),
    ],
)
def test_reasons_of_suppression(reason: str, spec: dict[str, Any], fields: dict[str, Any]) -> None:
    _, verdict = evaluate_rule(replace(DEFAULT, **spec), READY, build_context(0.6, **fields))
    assert verdict.reason == reason


@pytest.mark.parametrize(
    ("spec", "step", "seconds", "can_fire"),
    [
        ({}, 3, 600, True),
        ({}, None, 600, True),
        ({"steps": (3, 4)}, 3, 600, True),
        ({"steps": (3, 4)}, 5, 600, False),
        ({"steps": (3, 4)}, None, 600, False),
        ({"quiet_steps": (3,)}, 3, 600, False),
        ({"quiet_steps": (3,)}, 4, 600, True),
        ({"quiet_start_seconds": 600}, 3, 599, False),
        ({"quiet_start_seconds": 600}, 3, 600, True),
        ({"quiet_minutes": ((5, 10),)}, 3, 300, False),
        ({"quiet_minutes": ((5, 10),)}, 3, 600, True),
    ],
)
def test_where_and_when_a_rule_can_fire(
    spec: dict[str, Any], step: int | None, seconds: float, can_fire: bool
) -> None:
    """As in live evaluation, which gives the same reasons."""
    rule = replace(DEFAULT, held_windows=0, over_windows=1, of_windows=1, **spec)
    assert can_fire_at(rule, step, seconds) == can_fire
    reason = reasons([0.9], rule, step=step, session_seconds=seconds)[0]
    assert (reason == "fired") == can_fire


def test_hard_limits_override_the_rule() -> None:
    greedy = replace(DEFAULT, cooldown_seconds=0, max_per_lesson=100)
    assert (
        evaluate_rule(greedy, READY, build_context(0.6, last_hint_at=800.0))[1].reason == "cooldown"
    )
    often = replace(READY, fire_count=4)
    assert evaluate_rule(greedy, often, build_context(0.6))[1].reason == "rule_full"


def test_rule_without_persistence_fires_at_interaction() -> None:
    at_once = replace(DEFAULT, held_windows=0)
    assert evaluate_rule(at_once, RuleProgress(), build_context(0.6, is_window_close=False))[
        1
    ].has_fired


# --- words -------------------------------------------------------------------------------------


def test_explanation_of_a_firing() -> None:
    verdict = Verdict(
        "fired",
        0.6,
        0.5,
        5,
        1.0,
        {"wrong": 0.5, "brow": 0.2, "mouth": 0.01},
        0,
        420,
        wrong_answers=2,
    )
    assert explain(verdict, "teacher") == (
        "2 answers that were not right yet and a tense brow, for 50 s; "
        "the last hint was 7 minutes ago."
    )
    assert "your brow looked tense" in explain(verdict, "learner")


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (0, "Answers that were not right yet."),
        (1, "One answer that was not right yet."),
        (11, "11 answers that were not right yet."),
        (12, "At least 12 answers that were not right yet."),
    ],
)
def test_explanation_counts_wrong_answers_it_knows_of(count: int, expected: str) -> None:
    """Older ones still count, and of many only the newest are stored."""
    verdict = Verdict("fired", parts={"wrong": 1.0}, wrong_answers=count)
    assert explain(verdict, "learner") == expected


@pytest.mark.parametrize("kind", ["confusion", "said_hard"])
def test_evidence_without_a_face_says_nothing_of_a_camera(kind: str) -> None:
    """A camera may be on; it has no part in this kind of evidence."""
    face = FaceEvidence(coverage=1.0, unknown_reason="")
    evidence = FORMULAS[kind](EvidenceInput(face, ActivityState(), 0.0, 0.0, DEFAULT_WEIGHTS))
    spec = replace(DEFAULT, evidence=kind)
    context = replace(build_context(None), evidence={kind: evidence})
    _, verdict = evaluate_rule(spec, RuleProgress(), context)
    assert verdict.reason == "unknown"
    assert "camera" not in explain(verdict, "learner")


def test_explanation_omits_excluded_face() -> None:
    """Coverage is sufficient for the evidence, not for this rule."""
    strict = replace(DEFAULT, minimum_coverage=0.8)
    _, verdicts = evaluate([0.9] * 6, strict, interaction=0.6, coverage=0.7)
    assert (verdicts[-1].reason, verdicts[-1].value) == ("fired", 0.6)
    assert set(verdicts[-1].parts) == {"wrong"}
    [silent] = evaluate([0.9], strict, interaction=None, coverage=0.7)[1]
    assert explain(silent, "learner") == "Not enough seen."


def test_lowered_threshold_keeps_release_level_reachable() -> None:
    """With a release level of 0 the rule could fire only once."""
    low = replace(DEFAULT, threshold=0.3, release=0.15, cooldown_seconds=300)
    for shift in (-0.15, -0.3):
        run, verdicts = evaluate([0.6] * 6, low, threshold_shifts={"frustration": shift})
        assert verdicts[-1].has_fired
        run, _ = evaluate_rule(
            low, run, build_context(0.0, threshold_shifts={"frustration": shift})
        )
        assert not run.is_latched
    # Where the threshold is at its limit, the release level does not move.
    assert compute_thresholds(replace(low, threshold=0.2), {"frustration": -0.3}) == (0.2, 0.15)


def test_every_reason_has_an_explanation() -> None:
    assert (
        explain(Verdict("unknown", face_unknown_reason=NOT_ENOUGH_SEEN), "learner")
        == "Not enough seen."
    )
    for reason in (*FIXED_TEXTS, *VERDICT_TEXTS):
        verdict = Verdict(reason)  # type: ignore[arg-type]
        for audience in AUDIENCES:
            sentence = explain(verdict, audience)
            assert sentence[0].isupper()
            assert sentence.endswith(".")


# --- what is no rule ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("evidence", "boredom"),
        ("action", "shout"),
        ("threshold", 0.0),
        ("threshold", float("nan")),
        ("threshold", "high"),
        ("release", 0.9),
        ("over_windows", 4),
        ("held_windows", -1),
        ("minimum_coverage", 0.4),
        ("cooldown_seconds", 10),
        ("max_per_lesson", 5),
        ("needs_other_source", False),
        ("face_only", True),
        ("quiet_minutes", ((5, 5),)),
        ("text", "x" * 501),
    ],
)
def test_invalid_rule_is_refused_with_message(name: str, value: Any) -> None:
    errors = validate_spec(replace(DEFAULT, **{name: value}))
    assert [error.field for error in errors] == [name]
    assert errors[0].message.endswith(".")


def test_default_rule_is_valid() -> None:
    assert validate_spec(DEFAULT) == []
