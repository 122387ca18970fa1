import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from fer_lms.disclosure.figures import (
    BIN_SECONDS,
    CHANGED_GROUP,
    TOO_FEW_LEARNERS,
    SessionFigures,
)
from fer_lms.engagement.face_reading import is_fitted_to
from fer_lms.engagement.observations import SIMULATED_MODEL
from fer_lms.lessons.models import LessonSession
from fer_lms.policy.queries import get_disclosed_policy, get_min_group_size, get_retention_days
from fer_lms.reports.difficulty import is_hard_step
from fer_lms.reports.findings import format_finding, format_limits, list_limit_keys, select_finding
from fer_lms.reports.hint_statistics import add_hint_texts
from fer_lms.reports.interactions import RecordsByStep, build_interaction_rows
from fer_lms.reports.live_activity import build_live_view
from fer_lms.reports.models import LessonReport, Release
from fer_lms.reports.summary import (
    BODY_VERSION,
    NOT_YET,
    WITHDRAWN,
    Metrics,
    StepTitle,
    build_empty_summary,
    build_final_summary,
    build_live_summary,
    reduce_earlier_version,
)
from inference.models.released import WEIGHTS, find_model

MAX_COMPARED_SESSIONS = 5
MODEL_CARD = "inference/weights/MODEL_CARD.md"
ADAPTED_MODEL_CARD = "MODEL_CARD.md in the folder of FER_WEIGHTS"


def build_report(session: LessonSession) -> Metrics:
    """Build a report in the reader's language from released data only.

    This is the frozen report or, before it exists, the live figures released so far.
    """
    frozen = LessonReport.objects.filter(session=session).first()
    body = _get_frozen_body(frozen) if frozen else _build_live_body(session)
    return body | {
        "state": "final" if frozen else "open" if session.is_open else "provisional",
        "finding": format_finding(body["finding"]),
        "limits": format_limits(body["limits"]),
        "help": add_hint_texts(body.get("help")),
        "closes_at": session.closes_at,
        "kept_until": get_report_retention_end(session),
        "live_seconds": get_disclosed_policy().live_seconds,
        "live": _build_live_view(session) if session.is_open else None,
        "comparison": build_comparison(session, body) if frozen else [],
    }


def build_final_body(
    session: LessonSession,
    release: Release,
    figures: SessionFigures,
    *,
    bin_seconds: int,
    model: str,
    records: RecordsByStep,
    hints: Metrics | None,
) -> Metrics:
    """Build the language-independent body that a final report stores.

    Args:
        release: The release state; its live figures stay if their group has lost a member.
        figures: The final camera figures.
        bin_seconds: Length of the bins in `figures`.
        model: sha256 of the model behind the figures.
        records: The learners' activity by step.
        hints: The hint statistics.
    """
    min_group_size = get_min_group_size()
    steps = _list_steps(session)
    titles = [title for _, title in steps]
    if figures.withheld == CHANGED_GROUP:
        summary = _build_live_summary(
            release, titles, steps_withheld=CHANGED_GROUP, min_group_size=min_group_size
        )
    else:
        summary = build_final_summary(
            figures, titles, bin_seconds=bin_seconds, min_group_size=min_group_size
        )
    rows = build_interaction_rows(records, [step for step, _ in steps], min_group_size)
    return _complete_body(
        session,
        summary,
        rows,
        hints=hints,
        model=model,
        min_group_size=min_group_size,
        is_linked=figures.is_linked,
    )


def build_withdrawn_body(body: Metrics) -> Metrics:
    """Replace all figures of a report by the statement that they were withdrawn."""
    empty = build_empty_summary(WITHDRAWN)
    nulls = {"help": None, "model": None, "figures_until": None}
    return body | empty | nulls | {"finding": select_finding(empty)}


def get_findings(session_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Return the headline of each session that has a final report."""
    reports = LessonReport.objects.filter(session_id__in=list(session_ids))
    return {
        report.session_id: format_finding(_get_frozen_body(report)["finding"]) for report in reports
    }


def get_retention_end(session: LessonSession) -> datetime:
    """Return when the session's windows are deleted; counted from its start while it is open
    without a closing time."""
    return _get_retention_start(session) + timedelta(days=get_retention_days())


def get_report_retention_end(session: LessonSession) -> datetime:
    days = get_disclosed_policy().reports_kept_days
    return _get_retention_start(session) + timedelta(days=days)


def _get_retention_start(session: LessonSession) -> datetime:
    return session.ended_at or session.closes_at or session.started_at


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


def _get_frozen_body(report: LessonReport) -> Metrics:
    body: Metrics = report.body
    if body.get("version") == BODY_VERSION:
        return body
    if report.withdrawn_at is not None:
        return build_withdrawn_body(body)
    min_group_size = get_min_group_size()
    reduced = reduce_earlier_version(body, min_group_size)
    return reduced | {
        "finding": select_finding(reduced, min_group_size),
        "figures_until": None,
    }


def build_comparison(session: LessonSession, body: Metrics) -> list[Metrics]:
    """Arrange the shares of earlier sessions' final reports beside those of this one.

    Each of them stands in the session's own report, which the same teachers read. Camera figures
    are left out: those of two classes say nothing about the lesson (docs/teacher/report.md).
    """
    reports = LessonReport.objects.filter(
        session__lesson=session.lesson_id,
        session__started_at__lt=session.started_at,
        withdrawn_at__isnull=True,
    )
    reports = reports.select_related("session").order_by("-session__started_at")
    known = {(step["position"], step["title"]) for step in body["steps"]}
    earlier = [
        _compare(report.session, _get_frozen_body(report), known)
        for report in reports[:MAX_COMPARED_SESSIONS]
    ]
    shown = [row for row in earlier if any(_has_shares(step) for step in row["steps"])]
    return [_compare(session, body, known), *shown] if shown else []


def _has_shares(step: Metrics) -> bool:
    names = ("called_hard", "asked_for_hint", "right_at_first")
    return any(step[name] is not None for name in names)


def _compare(session: LessonSession, body: Metrics, known: set[tuple[int, str]]) -> Metrics:
    return {
        "session_id": session.pk,
        "started_at": session.started_at,
        "steps": [
            {
                "position": step["position"],
                "called_hard": (step.get("said") or {}).get("hard"),
                "asked_for_hint": step.get("asked_for_hint"),
                "right_at_first": step.get("right_at_first"),
                "is_hard": is_hard_step(step),
            }
            for step in body["steps"]
            if (step["position"], step["title"]) in known
        ],
    }


def _build_live_view(session: LessonSession) -> Metrics:
    release = Release.objects.filter(session=session).first() or Release(session=session)
    is_withdrawn = release.stopped == Release.Stopped.WITHDRAWN
    return build_live_view(release.live_activity, _list_steps(session), is_withdrawn=is_withdrawn)


def _build_live_body(session: LessonSession) -> Metrics:
    release = Release.objects.filter(session=session).first() or Release(session=session)
    steps = _list_steps(session)
    size = get_min_group_size()
    titles = [title for _, title in steps]
    summary = _build_live_summary(release, titles, steps_withheld=NOT_YET, min_group_size=size)
    rows = build_interaction_rows({}, [step for step, _ in steps], size)
    body = _complete_body(
        session, summary, rows, hints=None, model=release.model, min_group_size=size
    )
    if not session.is_open or summary["withheld"]:
        return body
    seconds = BIN_SECONDS * len(release.live_rows)
    return body | {"figures_until": session.started_at + timedelta(seconds=seconds)}


def _build_live_summary(
    release: Release, titles: Sequence[StepTitle], *, steps_withheld: str, min_group_size: int
) -> Metrics:
    if release.stopped in (Release.Stopped.WITHDRAWN, Release.Stopped.EARLIER_VERSION):
        return build_empty_summary(release.stopped, titles)
    if release.live == Release.Live.FEW:
        return build_empty_summary(TOO_FEW_LEARNERS, titles)
    return build_live_summary(
        release.live_rows,
        titles,
        is_relative=release.live == Release.Live.RELATIVE,
        min_group_size=min_group_size,
        steps_withheld=steps_withheld,
    )


def _complete_body(
    session: LessonSession,
    summary: Metrics,
    interaction_rows: Sequence[Metrics],
    *,
    hints: Metrics | None,
    model: str,
    min_group_size: int,
    is_linked: bool = False,
) -> Metrics:
    simulated = session.participants.filter(user__simulated=True).exists()
    steps = [
        row | interaction
        for row, interaction in zip(summary["steps"], interaction_rows, strict=True)
    ]
    summary = summary | {"steps": steps}
    return summary | {
        "version": BODY_VERSION,
        "title": session.lesson.title,
        "preset": session.engagement_preset,
        "simulated": simulated,
        "help": hints,
        "model": None if summary["withheld"] else _describe_model(model),
        "finding": select_finding(summary, min_group_size),
        "limits": list_limit_keys(
            preset=session.engagement_preset,
            simulated=simulated,
            is_fitted=is_fitted_to(model),
            is_linked=is_linked,
        ),
        "figures_until": None,
    }


def _list_steps(session: LessonSession) -> list[tuple[int, StepTitle]]:
    rows = session.lesson.steps.values_list("pk", "position", "title")
    return [(pk, StepTitle(position, title)) for pk, position, title in rows]
