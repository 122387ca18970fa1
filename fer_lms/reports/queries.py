import json
import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import inference
from fer_lms.engagement.models import ObservationWindow
from fer_lms.engagement.observations import SIMULATED_MODEL
from fer_lms.engagement.queries import class_windows
from fer_lms.lessons.models import InteractionEvent, LessonSession, Role
from fer_lms.policy.queries import retention_days, smallest_group
from fer_lms.reports.findings import finding_of, finding_text, limit_keys, limit_texts
from fer_lms.reports.models import LessonReport
from fer_lms.reports.summary import Figures, Visit, Visits, lesson_summary

MODEL_CARD = "inference/weights/MODEL_CARD.md"


def report_of(session: LessonSession) -> Figures:
    """The frozen report, or what the windows say until now; its words in the reader's language."""
    frozen = LessonReport.objects.filter(session=session).first()
    body: Figures = frozen.body if frozen else report_body(session)
    return body | {
        "state": "final" if frozen else "open" if session.is_open else "provisional",
        "finding": finding_text(body["finding"]),
        "limits": limit_texts(body["limits"]),
        "kept_until": kept_until(session),
    }


def report_body(session: LessonSession) -> Figures:
    """What is frozen: figures, and the keys of what is said about them."""
    windows = list(class_windows(session))
    summary = lesson_summary(
        windows=windows,
        visits=step_visits(session, windows),
        steps=session.lesson.steps.all(),
        smallest_group=smallest_group(),
    )
    simulated = session.participants.filter(user__simulated=True).exists()
    return summary | {
        "title": session.lesson.title,
        "preset": session.engagement_preset,
        "simulated": simulated,
        "model": model_of(windows),
        "finding": finding_of(summary),
        "limits": limit_keys(preset=session.engagement_preset, simulated=simulated),
    }


def findings_of(session_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, str]:
    """The finding of every one of these sittings whose report is final."""
    reports = LessonReport.objects.filter(session_id__in=list(session_ids))
    return {report.session_id: finding_text(report.body["finding"]) for report in reports}


def kept_until(session: LessonSession) -> datetime:
    """When the last of the sitting's windows is due for deletion, as far as can be said now."""
    return (session.ended_at or session.started_at) + timedelta(days=retention_days())


def step_visits(session: LessonSession, windows: Iterable[ObservationWindow]) -> Visits:
    """Who was on which step from when to when. The last stay ends with the learner's last window
    or with the sitting, whichever comes first."""
    ends: dict[uuid.UUID, datetime] = {}
    for window in windows:
        end = window.start_at + timedelta(seconds=10)
        ends[window.participant_id] = max(end, ends.get(window.participant_id, end))
    opened: dict[uuid.UUID, list[InteractionEvent]] = {}
    for event in _steps_opened(session):
        opened.setdefault(event.participant_id, []).append(event)
    return {
        learner: _visits(events, min(ends[learner], session.ended_at or ends[learner]))
        for learner, events in opened.items()
        if learner in ends
    }


def model_of(windows: Iterable[ObservationWindow]) -> dict[str, Any] | None:
    """The model that read the newest window; simulated windows count only where there are no
    others. None where nothing was read."""
    models = [window.model for window in windows if window.model]
    real = [model for model in models if model != SIMULATED_MODEL]
    if not models:
        return None
    if not real:
        return {"name": SIMULATED_MODEL, "sha256": "", "accuracy": MODEL_CARD}
    name = _released_models().get(real[-1], "unknown")
    return {"name": name, "sha256": real[-1], "accuracy": MODEL_CARD}


def _steps_opened(session: LessonSession) -> Iterable[InteractionEvent]:
    return InteractionEvent.objects.filter(
        participant__session=session,
        participant__role=Role.STUDENT,
        kind=InteractionEvent.Kind.STEP_OPENED,
        step__isnull=False,
    )


def _visits(events: list[InteractionEvent], end_at: datetime) -> list[Visit]:
    starts = [(event.step_id, event.occurred_at) for event in events]
    spans = pairwise([*starts, (None, max(end_at, starts[-1][1]))])
    return [Visit(step_id, start, end) for (step_id, start), (_, end) in spans if step_id]


@cache
def _released_models() -> dict[str, str]:
    """sha256 -> name of our own models, read without loading any of them."""
    path = Path(inference.__file__).parent / "weights" / "models.json"
    models = json.loads(path.read_text(encoding="utf-8"))["models"]
    return {each["sha256"]: name for name, each in models.items()}
