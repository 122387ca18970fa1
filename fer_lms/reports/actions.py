"""Final reports, their withdrawal, and learners' corrections.

A report is computed once, when the session has ended, and never again. Reading a report computes
nothing, so repeated reads disclose no more than one read.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from django.db import transaction
from django.utils import timezone

from fer_lms.audit.actions import record_event
from fer_lms.disclosure.cohort import Cohort
from fer_lms.disclosure.figures import (
    EarlierLevel,
    SessionFigures,
    compute_final,
    compute_profiles,
)
from fer_lms.disclosure.records import SessionRecord
from fer_lms.engagement.models import ObservationWindow
from fer_lms.engagement.observations import WINDOW_GRACE, WINDOW_SECONDS
from fer_lms.engagement.queries import has_open_windows
from fer_lms.integrations.webhooks import queue_report_ready
from fer_lms.lessons.models import LessonSession, Participant
from fer_lms.policy.queries import get_disclosed_policy, get_min_group_size, get_retention_days
from fer_lms.reports.class_records import (
    SessionClass,
    find_main_model,
    list_participant_states,
    load_class,
    load_final_record,
)
from fer_lms.reports.cohorts import (
    compute_digest,
    find_linkable,
    forget_level,
    get_key,
    list_earlier_groups,
    record_group,
)
from fer_lms.reports.hint_records import build_hint_statistics
from fer_lms.reports.interactions import (
    RecordsByStep,
    build_step_records,
    get_interaction_contributors,
)
from fer_lms.reports.live_release import get_decision
from fer_lms.reports.models import Correction, LessonReport, Release
from fer_lms.reports.queries import (
    build_final_body,
    build_withdrawn_body,
)
from fer_lms.reports.statements import SENT_TO_STORE, send_class_metrics, void_class_metrics
from fer_lms.reports.summary import Metrics
from fer_lms.rules.trials.disclosure import compute_input_digest, list_real_recordings

SETTLING_TIME = timedelta(seconds=WINDOW_SECONDS) + WINDOW_GRACE
"""Period after a session's end in which its last window may still change."""


def freeze_ended_reports(*, now: datetime | None = None) -> int:
    """Freeze the report of every ended session whose windows are all closed; return how many."""
    settled_at = (now or timezone.now()) - SETTLING_TIME
    sessions = LessonSession.objects.filter(ended_at__lte=settled_at, report__isnull=True)
    return sum(freeze_report(session=session) for session in sessions.select_related("lesson"))


def freeze_report(*, session: LessonSession) -> bool:
    """Store the final report, unless there is one or a window is open.

    The data is read before the transaction. If a consent, the class or the earlier cohorts changed
    meanwhile, nothing is stored, and the next call starts again.
    """
    if has_open_windows(session) or LessonReport.objects.filter(session=session).exists():
        return False
    states = list_participant_states(session)
    release = Release.objects.get_or_create(session=session)[0]
    draft = _draft_report(session, release)
    with transaction.atomic():
        get_key(lock=True)
        LessonSession.objects.select_for_update().get(pk=session.pk)
        release.refresh_from_db()
        if (
            LessonReport.objects.filter(session=session).exists()
            or has_open_windows(session)
            or list_participant_states(session) != states
            or list_earlier_groups(draft.record.students) != draft.earlier
            or _get_camera_state(release) != draft.camera_state
        ):
            return False
        _store_report(session, release, draft)
    return True


def withdraw_release(*, participant: Participant, camera_only: bool) -> bool:
    """Withdraw, before an erasure, all released figures to which the learner contributed.

    Where the policy counts figures of large groups as anonymous, they stay. The digests of the
    cohort stay in any case. The caller holds a transaction.

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
    if not (report or release) or not _has_contributed(participant, release, camera_only):
        return False
    forget_level(session)
    if report:
        void_class_metrics(session, report.body)
        report.body, report.withdrawn_at = build_withdrawn_body(report.body), timezone.now()
        report.save(update_fields=["body", "withdrawn_at"])
    if release:
        _withdraw_release(release)
    record_event(actor=None, action="report.withdrawn", subject=session)
    return True


def save_correction(*, window: ObservationWindow, value: str, text: str = "") -> Correction | None:
    """Store the learner's correction of a window; an empty `value` deletes it."""
    if not value:
        Correction.objects.filter(window=window).delete()
        return None
    fields = {"said": value, "words": text, "said_at": timezone.now()}
    return Correction.objects.update_or_create(window=window, defaults=fields)[0]


@dataclass(frozen=True, slots=True)
class _Draft:
    """A computed report that is not stored yet."""

    record: SessionRecord
    earlier: set[Cohort]
    camera_state: tuple[object, ...]
    figures: SessionFigures
    body: Metrics
    model: str
    contributors: set[uuid.UUID]
    hint_contributors: set[uuid.UUID]
    input_digest: str
    digests: dict[uuid.UUID, str]


def _draft_report(session: LessonSession, release: Release) -> _Draft:
    min_group_size = get_min_group_size()
    until = session.ended_at or timezone.now()
    loaded = load_class(session, key=get_key(), until=until)
    record = load_final_record(loaded, min_group_size)
    earlier = list_earlier_groups(record.students)
    decision = get_decision(release)
    figures = (
        SessionFigures(withheld=release.stopped)
        if release.stopped
        else compute_final(
            record,
            min_group_size,
            decision=decision,
            earlier=earlier,
            link=_load_earlier_level(frozenset(record.students), min_group_size),
        )
    )
    model = _find_model(loaded, figures.cohort)
    records = _build_step_records(loaded)
    hints, hint_contributors = build_hint_statistics(session)
    body = build_final_body(
        session,
        release,
        figures,
        bin_seconds=record.bin_seconds,
        model=model or release.model,
        records=records,
        hints=hints,
    )
    return _Draft(
        record=record,
        earlier=earlier,
        camera_state=_get_camera_state(release),
        figures=figures,
        body=body,
        model=model,
        contributors=get_interaction_contributors(records, min_group_size),
        hint_contributors=hint_contributors,
        input_digest=compute_input_digest(list_real_recordings(session)),
        digests={student.participant_id: student.digest for student in loaded.students},
    )


def _load_earlier_level(present: Cohort, min_group_size: int) -> EarlierLevel | None:
    """Load levels of an earlier session of these students, as long as its readings are kept."""
    since = timezone.now() - timedelta(days=get_retention_days())
    found = find_linkable(present, min_group_size, since=since)
    if found is None or found.session is None or found.session.ended_at is None:
        return None
    loaded = load_class(found.session, key=get_key(), until=found.session.ended_at)
    profiles = compute_profiles(load_final_record(loaded, min_group_size))
    return EarlierLevel(np.array(found.level, dtype=np.float64), profiles)


def _store_report(session: LessonSession, release: Release, draft: _Draft) -> None:
    figures = draft.figures
    if send_class_metrics(session, draft.body):
        draft.body["limits"].append(SENT_TO_STORE)
    LessonReport.objects.create(session=session, body=draft.body, input_digest=draft.input_digest)
    queue_report_ready(session)
    if figures.level is not None:
        level = [None if value != value else float(value) for value in figures.level]  # NaN
        record_group(figures.present, now=timezone.now(), session=session, level=level)
    if get_disclosed_policy().k_anonymous_is_anonymous:
        release.delete()  # only a withdrawal would need the contributors
        return
    hinted = {draft.digests[who] for who in draft.hint_contributors if who in draft.digests}
    acted = {draft.digests[who] for who in draft.contributors if who in draft.digests}
    release.camera_contributors = sorted({*release.camera_contributors, *figures.cohort})
    release.activity_contributors = sorted(acted | hinted | figures.present)
    release.model = draft.model or release.model
    release.save()


def _get_camera_state(release: Release) -> tuple[object, ...]:
    """Return what the final figures depend on and a live release or a withdrawal may change."""
    return release.live, release.live_cohort, release.live_rows, release.stopped


def _build_step_records(loaded: SessionClass) -> RecordsByStep:
    seconds = {
        student.participant_id: attendance.compute_step_seconds()
        for student, attendance in zip(loaded.students, loaded.attendances, strict=True)
    }
    return build_step_records(seconds, loaded.events)


def _find_model(loaded: SessionClass, members: Cohort) -> str:
    return find_main_model(student for student in loaded.students if student.digest in members)


def _withdraw_release(release: Release) -> None:
    """Delete what was released; nothing more from the camera is released in this session."""
    release.stopped = Release.Stopped.WITHDRAWN
    release.live_rows, release.live_cohort, release.model = [], [], ""
    release.live_present, release.live_activity = [], {}
    release.camera_contributors, release.activity_contributors = [], []
    release.withdrawn_at = timezone.now()
    release.save()


def _has_contributed(participant: Participant, release: Release | None, camera_only: bool) -> bool:
    """Return whether a learner contributed; True if the contributors are not known any more."""
    if release is None or release.stopped == Release.Stopped.EARLIER_VERSION:
        return True
    digest = compute_digest(get_key(), participant.user.public_id)
    if camera_only:
        return digest in release.camera_contributors
    # The erasure of a person is known. Were figures withdrawn only where the person shared a
    # camera, the withdrawal would tell it.
    known = (release.camera_contributors, release.activity_contributors, release.live_present)
    return any(digest in digests for digests in known)
