import json
import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from django.db.models import Max, Min

import inference
from fer_lms.engagement.models import ObservationWindow
from fer_lms.engagement.observations import SIMULATED_MODEL
from fer_lms.engagement.queries import list_class_windows
from fer_lms.lessons.models import LessonSession
from fer_lms.lessons.queries import filter_real_students
from fer_lms.policy.queries import disclosed_policy, get_min_group_size, get_retention_days
from fer_lms.reports.findings import format_finding, format_limits, list_limit_keys, select_finding
from fer_lms.reports.hint_statistics import GivenHint, SilentRule, add_hint_texts
from fer_lms.reports.interactions import StepRecord, build_interaction_rows, build_step_records
from fer_lms.reports.models import LessonReport, Release
from fer_lms.reports.released_cells import LearnerBin, to_bin_number, to_bin_start
from fer_lms.reports.step_visits import (
    build_step_visits,
    compute_last_visit_ends,
    list_class_events,
)
from fer_lms.reports.summary import TOO_FEW_LEARNERS, WITHDRAWN, Figures, nothing, summarise_lesson
from fer_lms.rules.engine.wording import list_disclosed_parts
from fer_lms.rules.models import Hint, RuleState
from fer_lms.rules.queries import parse_verdicts

MODEL_CARD = "inference/weights/MODEL_CARD.md"

Records = Mapping[int, Mapping[uuid.UUID, StepRecord]]


def build_report(session: LessonSession) -> Figures:
    """The frozen report, or what was released until now; its words in the reader's language.

    Reads what was released, never a learner's windows.
    """
    frozen = LessonReport.objects.filter(session=session).first()
    body: Figures = frozen.body if frozen else _live_body(session)
    return body | {
        "state": "final" if frozen else "open" if session.is_open else "provisional",
        "finding": format_finding(body["finding"]),
        "limits": format_limits(body["limits"]),
        "help": add_hint_texts(body.get("help")),
        "kept_until": get_report_retention_end(session),
        "live_seconds": disclosed_policy().live_seconds,
    }


def build_report_body(
    session: LessonSession, release: Release, records: Records, helped: Figures | None = None
) -> Figures:
    """What is frozen: figures, and the keys of what is said about them. `records` of what was done
    in the lesson, and `helped`: what help was offered; none of either while it runs."""
    steps = list(session.lesson.steps.all())
    summary = summarise_lesson(
        cells=list(session.cells.all()),
        steps=steps,
        contributors=len(release.seen),
        smallest_group=get_min_group_size(),
    )
    if release.withdrawn_at and summary["withheld"] == TOO_FEW_LEARNERS:
        summary["withheld"] = WITHDRAWN
    done = build_interaction_rows(records, steps, get_min_group_size())
    if any(row["seconds"] is not None for row in done) and not summary["steps"]:
        summary["steps"] = [
            {
                "position": step.position,
                "title": step.title,
                "coverage": None,
                "engagement": None,
                "withheld": summary["withheld"],
            }
            for step in steps
        ]
    summary["steps"] = [row | each for row, each in zip(summary["steps"], done, strict=False)]
    simulated = session.participants.filter(user__simulated=True).exists()
    return summary | {
        "title": session.lesson.title,
        "preset": session.engagement_preset,
        "simulated": simulated,
        "help": helped,
        "model": describe_model(release.model),
        "finding": select_finding(summary),
        "limits": list_limit_keys(preset=session.engagement_preset, simulated=simulated),
        "figures_until": _iso_or_none(release, summary),
    }


def build_withdrawn_body(body: Figures) -> Figures:
    """A report without any figure, saying only that there was one."""
    gone = nothing(WITHDRAWN)
    nulls = {"help": None, "model": None, "figures_until": None}
    return body | gone | nulls | {"finding": select_finding(gone)}


def get_findings(session_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, str]:
    """The finding of every one of these sittings whose report is final."""
    reports = LessonReport.objects.filter(session_id__in=list(session_ids))
    return {report.session_id: format_finding(report.body["finding"]) for report in reports}


def get_retention_end(session: LessonSession) -> datetime:
    """When the last of the sitting's windows is due for deletion, as far as can be said now."""
    return (session.ended_at or session.started_at) + timedelta(days=get_retention_days())


def get_report_retention_end(session: LessonSession) -> datetime:
    """When the report itself is due for deletion."""
    days = disclosed_policy().reports_kept_days
    return (session.ended_at or session.started_at) + timedelta(days=days)


def list_learner_bins(session: LessonSession, first: int, through: int) -> list[LearnerBin]:
    """Each learner's ten seconds in bins first <= n < through: from their first window to the last,
    also where nothing was seen between."""
    windows = list_class_windows(session).filter(
        start_at__gte=to_bin_start(first), start_at__lt=to_bin_start(through)
    )
    known: dict[uuid.UUID, dict[int, ObservationWindow]] = {}
    for window in windows:
        known.setdefault(window.participant_id, {})[to_bin_number(window.start_at)] = window
    spans = list_class_windows(session).order_by().values("participant")
    return [
        LearnerBin(learner, number, known.get(learner, {}).get(number))
        for learner, start, end in spans.annotate(
            start=Min("start_at"), end=Max("start_at")
        ).values_list("participant", "start", "end")
        for number in range(max(first, to_bin_number(start)), min(through, to_bin_number(end) + 1))
    ]


def collect_step_records(session: LessonSession) -> Records:
    events = list_class_events(session)
    return build_step_records(
        build_step_visits(events, compute_last_visit_ends(session, events)), events
    )


def list_given_hints(session: LessonSession) -> list[GivenHint]:
    """Every hint that came to a learner of a sitting, by a rule or because it was asked for."""
    hints = Hint.objects.filter(filter_real_students(), participant__session=session)
    hints = hints.exclude(state=Hint.State.WITHHELD).select_related("rule", "step")
    return [
        GivenHint(
            learner=hint.participant_id,
            rule=hint.rule_id or 0,
            title=hint.rule.title if hint.rule else "",
            position=hint.step.position if hint.step else None,
            parts=list_disclosed_parts(hint.parts),
            answer=next((each.answer for each in reversed(hint.answers.all())), ""),
        )
        for hint in hints.prefetch_related("answers")
    ]


def list_silent_rules(session: LessonSession) -> list[SilentRule]:
    """Why rules were silent at the end, of each learner."""
    states = RuleState.objects.filter(filter_real_students(), participant__session=session)
    return [
        SilentRule(state.participant_id, verdict.reason)
        for state in states
        for _, verdict in parse_verdicts(state).values()
        if not verdict.fired
    ]


def find_newest_model(session: LessonSession, first: int, through: int) -> str:
    """The sha256 of the model that read the newest of these windows; simulated ones count only
    where there are no others."""
    windows = list_class_windows(session).filter(
        start_at__gte=to_bin_start(first), start_at__lt=to_bin_start(through)
    )
    models = (
        windows.exclude(model="")
        .order_by()
        .values("model")
        .annotate(newest=Max("start_at"))
        .order_by("newest")
    )
    names = [name for name in models.values_list("model", flat=True) if name]
    real = [name for name in names if name != SIMULATED_MODEL]
    return (real or names or [""])[-1]


def describe_model(sha256: str) -> dict[str, Any] | None:
    if not sha256:
        return None
    if sha256 == SIMULATED_MODEL:
        return {"name": SIMULATED_MODEL, "sha256": "", "accuracy": MODEL_CARD}
    name = _released_models().get(sha256, "unknown")
    return {"name": name, "sha256": sha256, "accuracy": MODEL_CARD}


def _live_body(session: LessonSession) -> Figures:
    release = Release.objects.filter(session=session).first() or Release(session=session)
    return build_report_body(session, release, {})


def _iso_or_none(release: Release, summary: Figures) -> str | None:
    rows = summary["timeline"]
    return rows[-1]["start"] if rows else None


@cache
def _released_models() -> dict[str, str]:
    """sha256 -> name of our own models, read without loading any of them."""
    path = Path(inference.__file__).parent / "weights" / "models.json"
    models = json.loads(path.read_text(encoding="utf-8"))["models"]
    return {each["sha256"]: name for name, each in models.items()}
