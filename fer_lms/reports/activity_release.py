"""Release of the live view of open sessions, at the policy's cadence.

Nothing here depends on a camera. Reading a report computes nothing: between two releases it shows
the same (fer_lms.disclosure.live_activity).
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from fer_lms.disclosure.live_activity import release_activity
from fer_lms.lessons.models import InteractionEvent, LessonSession, Step
from fer_lms.policy.queries import get_disclosed_policy, get_min_group_size
from fer_lms.reports.attendance import MAX_SILENCE_S
from fer_lms.reports.class_records import SessionClass, load_class
from fer_lms.reports.cohorts import get_key
from fer_lms.reports.live_activity import build_activities, parse_steps, to_json
from fer_lms.reports.models import Release


def release_due_sessions(*, now: datetime | None = None) -> int:
    """Release the live view of every open session whose next interval is due; return how many."""
    now = now or timezone.now()
    seconds = get_disclosed_policy().live_seconds
    sessions = LessonSession.objects.filter(ended_at__isnull=True, started_at__lte=now)
    sessions = sessions.exclude(release__stopped=Release.Stopped.WITHDRAWN)
    stored = Release.objects.filter(session__in=sessions).values_list("session", "activity_index")
    processed = dict(stored)
    return sum(
        release_session(session=session, now=now, index=index)
        for session in sessions
        for index in [_compute_index(session, now, seconds)]
        if index > _or_before_all(processed.get(session.pk))
    )


def release_session(*, session: LessonSession, now: datetime, index: int) -> bool:
    """Process one interval of an open session; return whether its live view was stored anew."""
    release = Release.objects.get_or_create(session=session)[0]
    if not session.is_open or release.stopped == Release.Stopped.WITHDRAWN:
        return False
    claimed = Release.objects.filter(pk=release.pk, activity_index=release.activity_index)
    if index <= _or_before_all(release.activity_index) or not claimed.update(activity_index=index):
        return False
    if release.live_activity and not _has_changed(session, release, now):
        return False
    loaded = load_class(session, key=get_key(), until=now)
    attendances = {
        student.participant_id: attendance
        for student, attendance in zip(loaded.students, loaded.attendances, strict=True)
    }
    order = dict(Step.objects.filter(lesson=session.lesson_id).values_list("pk", "position"))
    activity = release_activity(
        build_activities(attendances, loaded.events, now.timestamp()),
        order,
        get_min_group_size(),
        parse_steps(release.live_activity),
    )
    return _store(release, to_json(activity, now=now), loaded)


def _store(release: Release, view: dict[str, object], loaded: SessionClass) -> bool:
    """Store a release, unless a withdrawal or another process changed it meanwhile."""
    with transaction.atomic():
        locked = Release.objects.select_for_update().filter(pk=release.pk).first()
        if locked is None or locked.stopped == Release.Stopped.WITHDRAWN:
            return False
        if locked.live_activity != release.live_activity:
            return False
        locked.live_activity = view
        if view["withheld"] is None:
            students = {student.digest for student in loaded.students}
            locked.activity_contributors = sorted({*locked.activity_contributors, *students})
        locked.save(update_fields=["live_activity", "activity_contributors"])
    return True


def _has_changed(session: LessonSession, release: Release, now: datetime) -> bool:
    """Return whether anybody may be in the lesson, or was at the last release."""
    recent = now - timedelta(seconds=MAX_SILENCE_S)
    events = InteractionEvent.objects.filter(participant__session=session, occurred_at__gt=recent)
    return release.live_activity["withheld"] is None or events.exists()


def _compute_index(session: LessonSession, now: datetime, seconds: int) -> int:
    return int((now - session.started_at).total_seconds() // seconds)


def _or_before_all(index: int | None) -> int:
    return -1 if index is None else index
