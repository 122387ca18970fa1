"""Release of class metrics: at a fixed cadence during a session, and once when it has ended.

A release is final and is never computed again. Reading a report computes nothing, so repeated
reads disclose no more than one read.
"""

import hashlib
import hmac
import uuid
from collections.abc import Collection, Iterable
from dataclasses import asdict
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from fer_lms.audit.actions import record_event
from fer_lms.engagement.models import ObservationWindow
from fer_lms.engagement.observations import WINDOW_GRACE, WINDOW_SECONDS
from fer_lms.engagement.queries import has_open_windows
from fer_lms.lessons.models import LessonSession, Participant
from fer_lms.policy.queries import get_disclosed_policy, get_min_group_size
from fer_lms.reports.hint_records import build_hint_statistics
from fer_lms.reports.interactions import get_interaction_contributors
from fer_lms.reports.models import Correction, LessonReport, Release, ReleasedCell
from fer_lms.reports.queries import (
    build_report_body,
    build_withdrawn_body,
    collect_step_records,
    find_newest_model,
    list_learner_bins,
)
from fer_lms.reports.released_cells import Cell, build_cells, to_bin_number, to_bin_start
from fer_lms.reports.statements import SENT_TO_STORE, send_class_metrics, void_class_metrics
from fer_lms.reports.step_visits import build_step_visits, list_class_events
from fer_lms.rules.trials.disclosure import compute_input_digest, list_real_recordings

SETTLING_TIME = timedelta(seconds=WINDOW_SECONDS) + WINDOW_GRACE
"""Period after a session's end in which its last window may still change."""
MAX_BIN_NUMBER = 10**9
"""Later than every bin: in the year 2286."""


def release_due_sessions(*, now: datetime | None = None) -> int:
    """Release metrics of every open session whose next interval is due.

    Returns:
        The number of sessions for which cells were released.
    """
    now = now or timezone.now()
    sessions = LessonSession.objects.filter(ended_at__isnull=True, started_at__lte=now)
    seconds = get_disclosed_policy().live_seconds
    stored = Release.objects.filter(session__in=sessions).values_list("session", "cadence_index")
    processed = {session_id: index for session_id, index in stored if index is not None}
    return sum(
        release_session(session=session, now=now, seconds=seconds)
        for session in sessions
        if _compute_cadence_index(session, now, seconds) > processed.get(session.pk, -1)
    )


@transaction.atomic
def release_session(*, session: LessonSession, now: datetime, seconds: int) -> bool:
    """Process one release interval of an open session.

    Intervals are counted from the session's start, so that the time of a release cannot be
    chosen.

    Args:
        seconds: Length of an interval.

    Returns:
        Whether cells were released.
    """
    locked = LessonSession.objects.select_for_update().get(pk=session.pk)
    if not locked.is_open:
        return False
    release = Release.objects.get_or_create(session=session)[0]
    cadence_index = _compute_cadence_index(session, now, seconds)
    if release.cadence_index is not None and cadence_index <= release.cadence_index:
        return False
    release.cadence_index = cadence_index
    end_bin = _find_first_unsettled_bin(session, now)
    cells = _build_new_cells(session, release, end_bin)
    newest_interval = to_bin_number(now - timedelta(seconds=seconds))
    is_allowed = not cells or _is_safe_after_previous(release, cells, newest_interval)
    if is_allowed:
        _store_cells(release, cells, end_bin)
    release.save()
    return is_allowed and bool(cells)


def freeze_ended_reports(*, now: datetime | None = None) -> int:
    """Freeze the report of every ended session whose windows are all closed; return how many."""
    settled_at = (now or timezone.now()) - SETTLING_TIME
    sessions = LessonSession.objects.filter(ended_at__lte=settled_at, report__isnull=True)
    return sum(freeze_report(session=session) for session in sessions.select_related("lesson"))


@transaction.atomic
def freeze_report(*, session: LessonSession) -> bool:
    """Store the final report, unless there is one or a window is open, and delete the cells."""
    LessonSession.objects.select_for_update().get(pk=session.pk)
    if has_open_windows(session) or LessonReport.objects.filter(session=session).exists():
        return False
    release = Release.objects.get_or_create(session=session)[0]
    _store_cells(release, _build_new_cells(session, release, MAX_BIN_NUMBER), MAX_BIN_NUMBER)
    records = collect_step_records(session)
    hints, hint_contributors = build_hint_statistics(session)
    interaction_contributors = get_interaction_contributors(records, get_min_group_size())
    body = build_report_body(session, release, records, hints)
    if send_class_metrics(session, body):
        body["limits"].append(SENT_TO_STORE)
    LessonReport.objects.create(
        session=session,
        body=body,
        input_digest=compute_input_digest(list_real_recordings(session)),
    )
    session.cells.all().delete()
    if get_disclosed_policy().k_anonymous_is_anonymous:
        release.delete()  # only a withdrawal would need the contributors
        return True
    release.activity_contributors = _compute_digests(
        release, interaction_contributors | hint_contributors
    )
    release.save()
    return True


def withdraw_release(*, participant: Participant, camera_only: bool) -> bool:
    """Withdraw, before an erasure, all released metrics to which the learner contributed.

    Where the policy counts metrics of large groups as anonymous, they stay. The caller holds a
    transaction.

    Args:
        camera_only: Only data from the camera is erased.

    Returns:
        Whether anything was withdrawn.
    """
    session = participant.session
    if get_disclosed_policy().k_anonymous_is_anonymous:
        return False
    LessonSession.objects.select_for_update().get(pk=session.pk)
    report = LessonReport.objects.filter(session=session, withdrawn_at__isnull=True).first()
    release = Release.objects.filter(session=session).first()
    if not (report or release) or not _has_contributed(participant.pk, release, camera_only):
        return False
    if report:
        void_class_metrics(session, report.body)
        report.body, report.withdrawn_at = build_withdrawn_body(report.body), timezone.now()
        report.save(update_fields=["body", "withdrawn_at"])
    if release:
        _clear_release(release)
    record_event(actor=None, action="report.withdrawn", subject=session)
    return True


def save_correction(*, window: ObservationWindow, value: str, text: str = "") -> Correction | None:
    """Store the learner's correction of a window; an empty `value` deletes it."""
    if not value:
        Correction.objects.filter(window=window).delete()
        return None
    fields = {"said": value, "words": text, "said_at": timezone.now()}
    return Correction.objects.update_or_create(window=window, defaults=fields)[0]


def _compute_cadence_index(session: LessonSession, now: datetime, seconds: int) -> int:
    return int((now - session.started_at).total_seconds() // seconds)


def _find_first_unsettled_bin(session: LessonSession, now: datetime) -> int:
    """Return the first bin that is too recent or has an open window."""
    open_windows = ObservationWindow.objects.filter(
        participant__session=session, state=ObservationWindow.State.PROVISIONAL
    )
    starts = open_windows.order_by("start_at").values_list("start_at", flat=True)
    first_open = starts.first()
    first_recent = to_bin_number(now - WINDOW_GRACE - timedelta(seconds=2))
    return first_recent if first_open is None else min(first_recent, to_bin_number(first_open))


def _build_new_cells(session: LessonSession, release: Release, end_bin: int) -> list[Cell]:
    bins = list_learner_bins(session, release.next_bin, end_bin)
    end_at = session.ended_at or timezone.now()
    ends = {
        learner_bin.learner: max(end_at, to_bin_start(learner_bin.bin_number + 1))
        for learner_bin in bins
    }
    visits = build_step_visits(list_class_events(session), ends)
    return build_cells(bins, visits, get_min_group_size())


def _is_safe_after_previous(release: Release, cells: Iterable[Cell], newest_interval: int) -> bool:
    """Return whether differencing with the previous release describes no small group.

    The contributors must be the same or differ by at least the threshold. A first release waits
    until nobody joined during one interval.
    """
    contributors = set(_compute_digests(release, _get_learners(cells)))
    if not release.latest_contributors:
        earlier = [cell for cell in cells if cell.bin_number < newest_interval]
        return contributors == set(_compute_digests(release, _get_learners(earlier)))
    changed = contributors ^ set(release.latest_contributors)
    return not changed or len(changed) >= get_min_group_size()


def _store_cells(release: Release, cells: Collection[Cell], end_bin: int) -> None:
    if cells:
        release.latest_contributors = _compute_digests(release, _get_learners(cells))
        _add_camera_contributors(release, release.latest_contributors)
        release.model = (
            find_newest_model(release.session, release.next_bin, end_bin) or release.model
        )
    rows = [asdict(cell) for cell in cells]
    for row in rows:
        del row["learners"]
    ReleasedCell.objects.bulk_create(
        ReleasedCell(session_id=release.session_id, **row) for row in rows
    )
    release.next_bin = max(end_bin, release.next_bin)


def _add_camera_contributors(release: Release, digests: Iterable[str]) -> None:
    release.camera_contributors = sorted({*release.camera_contributors, *digests})


def _clear_release(release: Release) -> None:
    """Delete what was released; bins after `next_bin` can still be released."""
    release.session.cells.all().delete()
    release.camera_contributors, release.activity_contributors, release.model = [], [], ""
    release.withdrawn_at = timezone.now()
    release.save()


def _has_contributed(participant_id: uuid.UUID, release: Release | None, camera_only: bool) -> bool:
    """Return whether a learner contributed; True if the contributors are not known any more."""
    if release is None:
        return True
    [digest] = _compute_digests(release, [participant_id])
    return digest in release.camera_contributors or (
        not camera_only and digest in release.activity_contributors
    )


def _get_learners(cells: Iterable[Cell]) -> set[uuid.UUID]:
    return set().union(*(cell.learners for cell in cells))


def _compute_digests(release: Release, learners: Iterable[uuid.UUID]) -> list[str]:
    key = release.key.encode()
    return sorted(
        hmac.new(key, learner.bytes, hashlib.sha256).hexdigest()[:32] for learner in learners
    )
