import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Max, Min, QuerySet

from fer_lms.engagement.models import ObservationWindow
from fer_lms.engagement.observations import SIMULATED_MODEL
from fer_lms.engagement.queries import list_class_windows
from fer_lms.lessons.models import LessonSession
from fer_lms.policy.queries import get_disclosed_policy, get_min_group_size, get_retention_days
from fer_lms.reports.findings import format_finding, format_limits, list_limit_keys, select_finding
from fer_lms.reports.hint_statistics import add_hint_texts
from fer_lms.reports.interactions import (
    RecordsByStep,
    build_interaction_rows,
    build_step_records,
)
from fer_lms.reports.models import LessonReport, Release
from fer_lms.reports.released_cells import LearnerBin, to_bin_number, to_bin_start
from fer_lms.reports.step_visits import (
    build_step_visits,
    compute_last_visit_ends,
    list_class_events,
)
from fer_lms.reports.summary import (
    TOO_FEW_LEARNERS,
    WITHDRAWN,
    Metrics,
    build_empty_summary,
    summarise_session,
)
from inference.models.released import WEIGHTS, find_model

MODEL_CARD = "inference/weights/MODEL_CARD.md"
ADAPTED_MODEL_CARD = "MODEL_CARD.md in the folder of FER_WEIGHTS"


def build_report(session: LessonSession) -> Metrics:
    """Build a report in the reader's language from released data only.

    This is the frozen report or, before it exists, the cells released so far.
    """
    frozen = LessonReport.objects.filter(session=session).first()
    body: Metrics = frozen.body if frozen else _build_live_body(session)
    return body | {
        "state": "final" if frozen else "open" if session.is_open else "provisional",
        "finding": format_finding(body["finding"]),
        "limits": format_limits(body["limits"]),
        "help": add_hint_texts(body.get("help")),
        "kept_until": get_report_retention_end(session),
        "live_seconds": get_disclosed_policy().live_seconds,
    }


def build_report_body(
    session: LessonSession, release: Release, records: RecordsByStep, hints: Metrics | None = None
) -> Metrics:
    """Build the language-independent part of a report, which is what a final report stores.

    Args:
        release: The release state of the session.
        records: The learners' activity by step; empty while the session runs.
        hints: The hint statistics; None while the session runs.
    """
    steps = list(session.lesson.steps.all())
    summary = summarise_session(
        cells=list(session.cells.all()),
        steps=steps,
        contributors=len(release.camera_contributors),
        min_group_size=get_min_group_size(),
    )
    if release.withdrawn_at and summary["withheld"] == TOO_FEW_LEARNERS:
        summary["withheld"] = WITHDRAWN
    interactions = build_interaction_rows(records, steps, get_min_group_size())
    if any(row["seconds"] is not None for row in interactions) and not summary["steps"]:
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
    summary["steps"] = [
        row | interaction for row, interaction in zip(summary["steps"], interactions, strict=False)
    ]
    simulated = session.participants.filter(user__simulated=True).exists()
    timeline = summary["timeline"]
    return summary | {
        "title": session.lesson.title,
        "preset": session.engagement_preset,
        "simulated": simulated,
        "help": hints,
        "model": _describe_model(release.model),
        "finding": select_finding(summary),
        "limits": list_limit_keys(preset=session.engagement_preset, simulated=simulated),
        "figures_until": timeline[-1]["start"] if timeline else None,
    }


def build_withdrawn_body(body: Metrics) -> Metrics:
    """Replace all metrics of a report by the statement that they were withdrawn."""
    empty = build_empty_summary(WITHDRAWN)
    nulls = {"help": None, "model": None, "figures_until": None}
    return body | empty | nulls | {"finding": select_finding(empty)}


def get_findings(session_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Return the headline of each session that has a final report."""
    reports = LessonReport.objects.filter(session_id__in=list(session_ids))
    return {report.session_id: format_finding(report.body["finding"]) for report in reports}


def get_retention_end(session: LessonSession) -> datetime:
    """Return when the session's windows are deleted; counted from its start while it is open
    without a closing time."""
    return _get_retention_start(session) + timedelta(days=get_retention_days())


def get_report_retention_end(session: LessonSession) -> datetime:
    days = get_disclosed_policy().reports_kept_days
    return _get_retention_start(session) + timedelta(days=days)


def _get_retention_start(session: LessonSession) -> datetime:
    return session.ended_at or session.closes_at or session.started_at


def list_learner_bins(session: LessonSession, first_bin: int, end_bin: int) -> list[LearnerBin]:
    """List each learner's bins in [first_bin, end_bin), without gaps between the learner's first
    and last window."""
    windows: dict[uuid.UUID, dict[int, ObservationWindow]] = {}
    for window in _list_windows(session, first_bin, end_bin):
        windows.setdefault(window.participant_id, {})[to_bin_number(window.start_at)] = window
    spans = list_class_windows(session).order_by().values("participant")
    return [
        LearnerBin(learner, number, windows.get(learner, {}).get(number))
        for learner, start, end in spans.annotate(
            start=Min("start_at"), end=Max("start_at")
        ).values_list("participant", "start", "end")
        for number in range(
            max(first_bin, to_bin_number(start)), min(end_bin, to_bin_number(end) + 1)
        )
    ]


def collect_step_records(session: LessonSession) -> RecordsByStep:
    events = list_class_events(session)
    visits = build_step_visits(events, compute_last_visit_ends(session, events))
    return build_step_records(visits, events)


def find_newest_model(session: LessonSession, first_bin: int, end_bin: int) -> str:
    """Return the sha256 of the model behind the newest window; "" without a model.

    Simulated windows count only if there are no others.
    """
    models = (
        _list_windows(session, first_bin, end_bin)
        .exclude(model="")
        .order_by()
        .values("model")
        .annotate(newest=Max("start_at"))
        .order_by("newest")
    )
    names = [name for name in models.values_list("model", flat=True) if name]
    real = [name for name in names if name != SIMULATED_MODEL]
    return (real or names or [""])[-1]


def _list_windows(
    session: LessonSession, first_bin: int, end_bin: int
) -> QuerySet[ObservationWindow]:
    return list_class_windows(session).filter(
        start_at__gte=to_bin_start(first_bin), start_at__lt=to_bin_start(end_bin)
    )


def _describe_model(sha256: str) -> dict[str, str] | None:
    if not sha256:
        return None
    if sha256 == SIMULATED_MODEL:
        return {"name": SIMULATED_MODEL, "sha256": "", "accuracy": MODEL_CARD}
    found = find_model(sha256)
    if found is None:
        return {"name": "unknown", "sha256": sha256, "accuracy": ""}
    name, folder = found
    if folder == WEIGHTS:
        return {"name": name, "sha256": sha256, "accuracy": MODEL_CARD}
    return {"name": f"{name} (FER_WEIGHTS)", "sha256": sha256, "accuracy": ADAPTED_MODEL_CARD}


def _build_live_body(session: LessonSession) -> Metrics:
    release = Release.objects.filter(session=session).first() or Release(session=session)
    return build_report_body(session, release, {})
