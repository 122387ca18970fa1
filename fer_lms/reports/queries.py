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
from fer_lms.engagement.queries import class_windows
from fer_lms.lessons.models import LessonSession
from fer_lms.lessons.queries import filter_real_students
from fer_lms.policy.queries import disclosed_policy, get_min_group_size, get_retention_days
from fer_lms.reports.findings import finding_of, finding_text, limit_keys, limit_texts
from fer_lms.reports.hint_statistics import Given, Silence, help_texts
from fer_lms.reports.interactions import StepRecord, interaction_rows, step_records
from fer_lms.reports.models import LessonReport, Release
from fer_lms.reports.released_cells import Moment, bin_number, bin_start
from fer_lms.reports.step_visits import class_events, last_stays_end, step_visits
from fer_lms.reports.summary import TOO_FEW, WITHDRAWN, Figures, lesson_summary, nothing
from fer_lms.rules.engine.wording import spoken_parts
from fer_lms.rules.models import Hint, RuleState
from fer_lms.rules.queries import verdicts_in

MODEL_CARD = "inference/weights/MODEL_CARD.md"

Records = Mapping[int, Mapping[uuid.UUID, StepRecord]]


def report_of(session: LessonSession) -> Figures:
    """The frozen report, or what was released until now; its words in the reader's language.

    Reads what was released, never a learner's windows.
    """
    frozen = LessonReport.objects.filter(session=session).first()
    body: Figures = frozen.body if frozen else _live_body(session)
    return body | {
        "state": "final" if frozen else "open" if session.is_open else "provisional",
        "finding": finding_text(body["finding"]),
        "limits": limit_texts(body["limits"]),
        "help": help_texts(body.get("help")),
        "kept_until": report_kept_until(session),
        "live_seconds": disclosed_policy().live_seconds,
    }


def report_body(
    session: LessonSession, release: Release, records: Records, helped: Figures | None = None
) -> Figures:
    """What is frozen: figures, and the keys of what is said about them. `records` of what was done
    in the lesson, and `helped`: what help was offered; none of either while it runs."""
    steps = list(session.lesson.steps.all())
    summary = lesson_summary(
        cells=list(session.cells.all()),
        steps=steps,
        contributors=len(release.seen),
        smallest_group=get_min_group_size(),
    )
    if release.withdrawn_at and summary["withheld"] == TOO_FEW:
        summary["withheld"] = WITHDRAWN
    done = interaction_rows(records, steps, get_min_group_size())
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
        "model": model_of(release.model),
        "finding": finding_of(summary),
        "limits": limit_keys(preset=session.engagement_preset, simulated=simulated),
        "figures_until": _iso_or_none(release, summary),
    }


def withdrawn_body(body: Figures) -> Figures:
    """A report without any figure, saying only that there was one."""
    gone = nothing(WITHDRAWN)
    nulls = {"help": None, "model": None, "figures_until": None}
    return body | gone | nulls | {"finding": finding_of(gone)}


def findings_of(session_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, str]:
    """The finding of every one of these sittings whose report is final."""
    reports = LessonReport.objects.filter(session_id__in=list(session_ids))
    return {report.session_id: finding_text(report.body["finding"]) for report in reports}


def kept_until(session: LessonSession) -> datetime:
    """When the last of the sitting's windows is due for deletion, as far as can be said now."""
    return (session.ended_at or session.started_at) + timedelta(days=get_retention_days())


def report_kept_until(session: LessonSession) -> datetime:
    """When the report itself is due for deletion."""
    days = disclosed_policy().reports_kept_days
    return (session.ended_at or session.started_at) + timedelta(days=days)


def class_moments(session: LessonSession, first: int, through: int) -> list[Moment]:
    """Each learner's ten seconds in bins first <= n < through: from their first window to the last,
    also where nothing was seen between."""
    windows = class_windows(session).filter(
        start_at__gte=bin_start(first), start_at__lt=bin_start(through)
    )
    known: dict[uuid.UUID, dict[int, ObservationWindow]] = {}
    for window in windows:
        known.setdefault(window.participant_id, {})[bin_number(window.start_at)] = window
    spans = class_windows(session).order_by().values("participant")
    return [
        Moment(learner, number, known.get(learner, {}).get(number))
        for learner, start, end in spans.annotate(
            start=Min("start_at"), end=Max("start_at")
        ).values_list("participant", "start", "end")
        for number in range(max(first, bin_number(start)), min(through, bin_number(end) + 1))
    ]


def session_records(session: LessonSession) -> Records:
    events = class_events(session)
    return step_records(step_visits(events, last_stays_end(session, events)), events)


def help_given(session: LessonSession) -> list[Given]:
    """Every hint that came to a learner of a sitting, by a rule or because it was asked for."""
    hints = Hint.objects.filter(filter_real_students(), participant__session=session)
    hints = hints.exclude(state=Hint.State.WITHHELD).select_related("rule", "step")
    return [
        Given(
            learner=hint.participant_id,
            rule=hint.rule_id or 0,
            title=hint.rule.title if hint.rule else "",
            position=hint.step.position if hint.step else None,
            parts=spoken_parts(hint.parts),
            answer=next((each.answer for each in reversed(hint.answers.all())), ""),
        )
        for hint in hints.prefetch_related("answers")
    ]


def help_silences(session: LessonSession) -> list[Silence]:
    """Why rules were silent at the end, of each learner."""
    states = RuleState.objects.filter(filter_real_students(), participant__session=session)
    return [
        Silence(state.participant_id, verdict.reason)
        for state in states
        for _, verdict in verdicts_in(state).values()
        if not verdict.fired
    ]


def newest_model(session: LessonSession, first: int, through: int) -> str:
    """The sha256 of the model that read the newest of these windows; simulated ones count only
    where there are no others."""
    windows = class_windows(session).filter(
        start_at__gte=bin_start(first), start_at__lt=bin_start(through)
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


def model_of(sha256: str) -> dict[str, Any] | None:
    if not sha256:
        return None
    if sha256 == SIMULATED_MODEL:
        return {"name": SIMULATED_MODEL, "sha256": "", "accuracy": MODEL_CARD}
    name = _released_models().get(sha256, "unknown")
    return {"name": name, "sha256": sha256, "accuracy": MODEL_CARD}


def _live_body(session: LessonSession) -> Figures:
    release = Release.objects.filter(session=session).first() or Release(session=session)
    return report_body(session, release, {})


def _iso_or_none(release: Release, summary: Figures) -> str | None:
    rows = summary["timeline"]
    return rows[-1]["start"] if rows else None


@cache
def _released_models() -> dict[str, str]:
    """sha256 -> name of our own models, read without loading any of them."""
    path = Path(inference.__file__).parent / "weights" / "models.json"
    models = json.loads(path.read_text(encoding="utf-8"))["models"]
    return {each["sha256"]: name for name, each in models.items()}
