"""What releases figures of a class: at a frozen cadence while it runs, and once when it is over.

Nothing that was released is ever made again. A look at a report changes nothing and computes
nothing of a learner, so that asking often, or at chosen moments, tells no more than asking once.
"""

import hashlib
import hmac
import uuid
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from fer_lms.audit.actions import record_event
from fer_lms.engagement.actions import WINDOW_GRACE
from fer_lms.engagement.models import ObservationWindow
from fer_lms.engagement.observations import WINDOW_SECONDS
from fer_lms.engagement.queries import has_open_windows
from fer_lms.lessons.models import LessonSession, Participant
from fer_lms.policy.queries import disclosed_policy, get_min_group_size
from fer_lms.reports.hint_statistics import compute_hint_statistics, get_hint_contributors
from fer_lms.reports.interactions import counted
from fer_lms.reports.models import Correction, FigureCell, LessonReport, Release
from fer_lms.reports.queries import (
    Records,
    build_report_body,
    build_withdrawn_body,
    collect_step_records,
    find_newest_model,
    list_given_hints,
    list_learner_bins,
    list_silent_rules,
)
from fer_lms.reports.released_cells import Cell, build_cells, to_bin_number, to_bin_start
from fer_lms.reports.statements import SENT_TO_STORE, send_class_metrics, void_class_metrics
from fer_lms.reports.step_visits import build_step_visits, list_class_events
from fer_lms.reports.summary import Figures
from fer_lms.rules.trials.blind import compute_input_digest, list_real_recordings

SETTLING_TIME = timedelta(seconds=WINDOW_SECONDS) + WINDOW_GRACE
"""How long after a sitting's end its last window may still change."""
MAX_BIN_NUMBER = 10**9
"""A bin after all others: in the year 2286."""


def release_due_sessions(*, now: datetime | None = None) -> int:
    """At each beat of the cadence, release what may be released of every open sitting; returns of
    how many something was."""
    now = now or timezone.now()
    open_ones = LessonSession.objects.filter(ended_at__isnull=True, started_at__lte=now)
    seconds = disclosed_policy().live_seconds
    known = Release.objects.filter(session__in=open_ones).values_list("session", "tick")
    ticks = {session: tick for session, tick in known if tick is not None}
    due = [each for each in open_ones if _tick(each, now, seconds) > ticks.get(each.pk, -1)]
    return sum(release_session(session=each, now=now, seconds=seconds) for each in due)


@transaction.atomic
def release_session(*, session: LessonSession, now: datetime, seconds: int) -> bool:
    """One beat of one sitting. Beats are counted from its start, whoever asks whatever when."""
    locked = LessonSession.objects.select_for_update().get(pk=session.pk)
    if not locked.is_open:
        return False  # ended, and perhaps frozen, since the sitting was found open
    release = Release.objects.get_or_create(session=session)[0]
    tick = _tick(session, now, seconds)
    if release.tick is not None and tick <= release.tick:
        return False
    release.tick = tick
    through = _settled_bin(session, now)
    cells = _new_cells(session, release, through)
    newest = to_bin_number(now - timedelta(seconds=seconds))
    may = not cells or _may_follow(release, cells, newest)
    if may:
        _release(release, cells, through)
    release.save()
    return may and bool(cells)


def freeze_ended_reports(*, now: datetime | None = None) -> int:
    """Freeze the report of every ended sitting whose windows are all closed; returns how many."""
    settled = (now or timezone.now()) - SETTLING_TIME
    waiting = LessonSession.objects.filter(ended_at__lte=settled, report__isnull=True)
    return sum(freeze_report(session=session) for session in waiting.select_related("lesson"))


@transaction.atomic
def freeze_report(*, session: LessonSession) -> bool:
    """Freeze one report, once; not while a window is open. The cells have then served."""
    LessonSession.objects.select_for_update().get(pk=session.pk)
    if has_open_windows(session) or LessonReport.objects.filter(session=session).exists():
        return False
    release = Release.objects.get_or_create(session=session)[0]
    _release(release, _new_cells(session, release, MAX_BIN_NUMBER), MAX_BIN_NUMBER)
    records = collect_step_records(session)
    helped, of_help = _help(session, records)
    release.took_part = _digests(release, counted(records, get_min_group_size()) | of_help)
    body = build_report_body(session, release, records, helped)
    if send_class_metrics(session, body):
        body["limits"].append(SENT_TO_STORE)
    base = compute_input_digest(list_real_recordings(session))
    LessonReport.objects.create(session=session, body=body, base=base)
    # What the rules said of a learner may rest on the camera: taking that back takes it back too.
    release.seen = sorted({*release.seen, *_digests(release, of_help)})
    session.cells.all().delete()
    if disclosed_policy().k_anonymous_is_anonymous:
        release.delete()  # the report will stand whatever comes: nobody need be known any more
    else:
        release.save()
    return True


def withdraw_release(*, participant: Participant, camera_only: bool) -> bool:
    """Before an erasure: take back, whole, what was released with this learner in it. Where the
    policy in force counts figures of large enough groups as anonymous they stand. Returns whether
    something was withdrawn. The caller holds a transaction."""
    session = participant.session
    if disclosed_policy().k_anonymous_is_anonymous:
        return False
    LessonSession.objects.select_for_update().get(pk=session.pk)
    report = LessonReport.objects.filter(session=session, withdrawn_at__isnull=True).first()
    release = Release.objects.filter(session=session).first()
    if not (report or release) or not _is_in(participant.pk, release, camera_only=camera_only):
        return False
    if report:
        void_class_metrics(session, report.body)
        report.body, report.withdrawn_at = build_withdrawn_body(report.body), timezone.now()
        report.save(update_fields=["body", "withdrawn_at"])
    if release:
        _forget_released(release)
    record_event(actor=None, action="report.withdrawn", subject=session)
    return True


def save_correction(*, window: ObservationWindow, said: str, words: str = "") -> Correction | None:
    """Keep the learner's own word beside the figure of ten seconds; an empty one takes it back."""
    if not said:
        Correction.objects.filter(window=window).delete()
        return None
    fields = {"said": said, "words": words, "said_at": timezone.now()}
    return Correction.objects.update_or_create(window=window, defaults=fields)[0]


def _help(session: LessonSession, records: Records) -> tuple[Figures | None, set[uuid.UUID]]:
    """What help was offered, and whom those figures may speak of."""
    given, silences = list_given_hints(session), list_silent_rules(session)
    here = {each.learner for each in given}.union(*records.values())
    figures = compute_hint_statistics(
        given, silences, here=here, smallest_group=get_min_group_size()
    )
    return figures, get_hint_contributors(given, silences, figures)


def _tick(session: LessonSession, now: datetime, seconds: int) -> int:
    return int((now - session.started_at).total_seconds() // seconds)


def _settled_bin(session: LessonSession, now: datetime) -> int:
    """The first bin that may still change: too new, or with a window that is not closed yet."""
    still_open = (
        ObservationWindow.objects.filter(
            participant__session=session, state=ObservationWindow.State.PROVISIONAL
        )
        .order_by("start_at")
        .values_list("start_at", flat=True)
        .first()
    )
    too_new = to_bin_number(now - WINDOW_GRACE - timedelta(seconds=2))
    return too_new if still_open is None else min(too_new, to_bin_number(still_open))


def _new_cells(session: LessonSession, release: Release, through: int) -> list[Cell]:
    moments = list_learner_bins(session, release.through, through)
    end_at = session.ended_at or timezone.now()
    ends = {moment.learner: max(end_at, to_bin_start(moment.number + 1)) for moment in moments}
    return build_cells(
        moments, build_step_visits(list_class_events(session), ends), get_min_group_size()
    )


def _may_follow(release: Release, cells: Iterable[Cell], newest: int) -> bool:
    """Whether these cells may be released after those that were: their contributors are the same,
    or differ by a whole group. The first release waits until nobody new came for one beat."""
    now_in = set(_digests(release, _learners(cells)))
    if not release.cohort:
        earlier = [cell for cell in cells if cell.number < newest]
        return now_in == set(_digests(release, _learners(earlier)))
    changed = now_in ^ set(release.cohort)
    return not changed or len(changed) >= get_min_group_size()


def _release(release: Release, cells: Iterable[Cell], through: int) -> None:
    cells = list(cells)
    if cells:
        release.cohort = _digests(release, _learners(cells))
        release.seen = sorted({*release.seen, *release.cohort})
        release.model = (
            find_newest_model(release.session, release.through, through) or release.model
        )
    FigureCell.objects.bulk_create(
        FigureCell(
            session_id=release.session_id,
            number=cell.number,
            step_id=cell.step_id,
            moments=cell.moments,
            seen_seconds=cell.seen_seconds,
            scored=cell.scored,
            expression_sums=list(cell.expression_sums),
            engagement_count=cell.engagement_count,
            engagement_sum=cell.engagement_sum,
            levels=dict(cell.levels),
        )
        for cell in cells
    )
    release.through = max(through, release.through)


def _forget_released(release: Release) -> None:
    """What comes after stays possible; what was released is gone and never made again."""
    release.session.cells.all().delete()
    release.seen, release.took_part, release.model = [], [], ""
    release.withdrawn_at = timezone.now()
    release.save()


def _is_in(participant_id: uuid.UUID, release: Release | None, *, camera_only: bool) -> bool:
    """Whether a learner is in what was released; where that is no longer known, yes."""
    if release is None:
        return True
    [digest] = _digests(release, [participant_id])
    return digest in release.seen or (not camera_only and digest in release.took_part)


def _learners(cells: Iterable[Cell]) -> set[uuid.UUID]:
    return set().union(*(cell.learners for cell in cells))


def _digests(release: Release, learners: Collection[uuid.UUID]) -> list[str]:
    key = release.key.encode()
    return sorted(hmac.new(key, each.bytes, hashlib.sha256).hexdigest()[:32] for each in learners)
