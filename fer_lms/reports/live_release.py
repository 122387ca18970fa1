"""Release of live figures of open sessions, at a fixed cadence.

Whether a session has live figures is decided once, ten minutes after the first student opened the
lesson (fer_lms.disclosure.cohort). Their cohort stays the same. Each bin is computed once, when its
windows are closed. Data is read outside of a transaction.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from fer_lms.disclosure.cohort import (
    LIVE_DECISION_SECONDS,
    Cohort,
    LiveDecision,
    decide_live,
    has_lost_members,
)
from fer_lms.disclosure.figures import BIN_SECONDS, CHANGED_GROUP, Figure, compute_live
from fer_lms.lessons.models import LessonSession
from fer_lms.policy.queries import get_disclosed_policy, get_min_group_size
from fer_lms.reports.class_records import (
    ParticipantState,
    SessionClass,
    find_first_opening,
    find_main_model,
    find_settled_until,
    list_participant_states,
    load_class,
    load_decision_record,
    load_live_record,
)
from fer_lms.reports.cohorts import get_key, list_earlier_groups, record_group
from fer_lms.reports.models import Release
from fer_lms.reports.summary import build_bin_row

DECIDED_AGAINST = (Release.Live.NONE, Release.Live.FEW)


def release_due_sessions(*, now: datetime | None = None) -> int:
    """Release figures of every open session whose next interval is due.

    Returns:
        The number of sessions for which bins were released.
    """
    now = now or timezone.now()
    seconds = get_disclosed_policy().live_seconds
    sessions = LessonSession.objects.filter(ended_at__isnull=True, started_at__lte=now)
    finished = Release.objects.exclude(stopped="") | Release.objects.filter(
        live__in=DECIDED_AGAINST
    )
    sessions = sessions.exclude(pk__in=finished.values("session"))
    stored = Release.objects.filter(session__in=sessions).values_list("session", "cadence_index")
    processed = {session_id: index for session_id, index in stored if index is not None}
    return sum(
        release_session(session=session, now=now, seconds=seconds)
        for session in sessions
        if _compute_cadence_index(session, now, seconds) > processed.get(session.pk, -1)
    )


def release_session(*, session: LessonSession, now: datetime, seconds: int) -> bool:
    """Process one release interval of an open session.

    Intervals are counted from the session's start, so that the time of a release cannot be
    chosen.

    Args:
        seconds: Length of an interval.

    Returns:
        Whether bins were released.
    """
    release = Release.objects.get_or_create(session=session)[0]
    index = _compute_cadence_index(session, now, seconds)
    if not session.is_open or release.stopped or not _claim_interval(release, index):
        return False
    if release.live == Release.Live.UNDECIDED and not _decide(session, release, now):
        return False
    decision = get_decision(release)
    if decision is None or not decision.members:
        return False
    return _release_bins(session, release, decision, now=now)


def get_decision(release: Release) -> LiveDecision | None:
    """Return the stored decision on live figures."""
    if release.live == Release.Live.FEW:
        return LiveDecision(frozenset(), present=frozenset(release.live_present))
    if release.live in (Release.Live.SHOWN, Release.Live.RELATIVE):
        is_relative = release.live == Release.Live.RELATIVE
        present = frozenset(release.live_present)
        return LiveDecision(frozenset(release.live_cohort), is_relative, present)
    return None


def _decide(session: LessonSession, release: Release, now: datetime) -> bool:
    """Decide on live figures, if it is time and the data is complete; return whether it was."""
    opened_at = find_first_opening(session)
    if opened_at is None:
        return False
    decided_at = opened_at + timedelta(seconds=LIVE_DECISION_SECONDS)
    if find_settled_until(session, now) < decided_at:
        return False
    states = list_participant_states(session)
    loaded = load_class(session, key=get_key(), until=decided_at)
    record = load_decision_record(loaded)
    with transaction.atomic():
        get_key(lock=True)
        if not _lock_unchanged(session, states):
            return False
        earlier = list_earlier_groups(record.students)
        decision = decide_live(record, get_min_group_size(), earlier)
        _store_decision(release, decision)
        if decision and decision.members and not decision.is_relative:
            record_group(decision.present, now=now)
    return True


def _store_decision(release: Release, decision: LiveDecision | None) -> None:
    if decision is None:
        release.live = Release.Live.NONE
    elif not decision.members:
        release.live = Release.Live.FEW
    else:
        release.live = Release.Live.RELATIVE if decision.is_relative else Release.Live.SHOWN
        release.live_cohort = sorted(decision.members)
    release.live_present = sorted(decision.present) if decision else []
    release.save(update_fields=["live", "live_cohort", "live_present"])


def _release_bins(
    session: LessonSession, release: Release, decision: LiveDecision, *, now: datetime
) -> bool:
    settled = find_settled_until(session, now) - session.started_at
    first_bin, end_bin = len(release.live_rows), settled // timedelta(seconds=BIN_SECONDS)
    if end_bin <= first_bin:
        return False
    states = list_participant_states(session)
    loaded = load_class(session, key=get_key(), until=now)
    record = load_live_record(loaded, first_bin, end_bin)
    if has_lost_members(record, decision):
        rows = [build_bin_row(first_bin * BIN_SECONDS, Figure(withheld=CHANGED_GROUP))]
        release.stopped = Release.Stopped.CHANGED_GROUP
    else:
        figures = compute_live(record, get_min_group_size(), decision)[: end_bin - first_bin]
        rows = [
            build_bin_row((first_bin + number) * BIN_SECONDS, figure)
            for number, figure in enumerate(figures)
        ]
    model = _find_model(loaded, decision.members)
    with transaction.atomic():
        if not _lock_unchanged(session, states):
            return False
        return _store_bins(release, rows, decision.members, model=model)


def _store_bins(
    release: Release, rows: list[dict[str, Any]], members: Cohort, *, model: str
) -> bool:
    """Append released bins, unless another process or a withdrawal changed the release."""
    stored = Release.objects.get(pk=release.pk)
    if stored.stopped or stored.live_rows != release.live_rows:
        return False
    stored.stopped = release.stopped
    stored.live_rows = [*stored.live_rows, *rows]
    if not release.stopped:
        stored.model = model or stored.model
        stored.camera_contributors = sorted({*stored.camera_contributors, *members})
    stored.save()
    return not release.stopped


def _claim_interval(release: Release, index: int) -> bool:
    """Store that an interval is processed; False if it was before or is by another process."""
    if release.cadence_index is not None and index <= release.cadence_index:
        return False
    unchanged = Release.objects.filter(pk=release.pk, cadence_index=release.cadence_index)
    return unchanged.update(cadence_index=index) == 1


def _find_model(loaded: SessionClass, members: Cohort) -> str:
    return find_main_model(student for student in loaded.students if student.digest in members)


def _lock_unchanged(session: LessonSession, states: list[ParticipantState]) -> bool:
    """Lock the session and return whether it is open and no consent changed."""
    locked = LessonSession.objects.select_for_update().get(pk=session.pk)
    return locked.is_open and list_participant_states(session) == states


def _compute_cadence_index(session: LessonSession, now: datetime, seconds: int) -> int:
    return int((now - session.started_at).total_seconds() // seconds)
