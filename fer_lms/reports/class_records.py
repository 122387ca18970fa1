"""Reads of a session as input of the disclosure control (fer_lms.disclosure.records).

Each student's windows are read by a query of their own and outside of a transaction, so that a
large class blocks nobody. Figures that an open session needs are summed by the database.
"""

import uuid
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

import numpy as np
from django.db.models import Count, F, FloatField, Max, QuerySet, Sum
from django.db.models.functions import Cast

from fer_lms.disclosure.figures import BIN_SECONDS, choose_bin_seconds
from fer_lms.disclosure.records import (
    LEVELS,
    BoolArray,
    CameraSums,
    FloatArray,
    IntArray,
    SessionRecord,
    mark_own_bins,
)
from fer_lms.engagement.models import ObservationWindow
from fer_lms.engagement.observations import SCALE, SIMULATED_MODEL, WINDOW_GRACE, WINDOW_SECONDS
from fer_lms.engagement.scoring import classify_level
from fer_lms.lessons.models import InteractionEvent, LessonSession, Participant
from fer_lms.lessons.queries import is_real_student
from fer_lms.reports.attendance import Attendance, ClassEvent, build_attendances
from fer_lms.reports.cohorts import compute_digest, compute_noise_key

HALF_WINDOW = timedelta(seconds=WINDOW_SECONDS / 2)
"""A window belongs to the bin and step of its middle."""
MAX_EARLY = timedelta(days=1)
"""Windows further before the session's start are not read."""
WINDOW_COLUMNS = (
    *("start_at", "seen_seconds", "engagement_sum", "engagement_count", "scored", "score_sums"),
)


@dataclass(frozen=True, slots=True)
class Student:
    """A real student of a session; `digest` is the same in every session."""

    participant_id: uuid.UUID
    digest: str
    readable_after_epoch: int
    """Windows of this or an earlier consent epoch await their erasure."""

    @property
    def windows(self) -> QuerySet[ObservationWindow]:
        return ObservationWindow.objects.filter(
            participant=self.participant_id, consent_epoch__gt=self.readable_after_epoch
        )


@dataclass(frozen=True, slots=True)
class SessionClass:
    """The students of a session who opened the lesson, in the order of their participation."""

    session: LessonSession
    until: datetime
    students: Sequence[Student]
    attendances: Sequence[Attendance]
    events: Sequence[ClassEvent]
    noise_key: bytes

    @property
    def opened_at(self) -> FloatArray:
        """Return when each student opened the lesson, in seconds since the session's start."""
        started_at = self.session.started_at.timestamp()
        return np.array([item.opened_at - started_at for item in self.attendances])


ParticipantState = tuple[uuid.UUID, int | None, int | None]


def list_participant_states(session: LessonSession) -> list[ParticipantState]:
    """List each student's consent epoch and pending erasure, to notice changes while reading."""
    rows = _list_students(session).order_by("pk")
    return list(rows.values_list("pk", "consent__epoch", "consent__erase_through_epoch"))


def load_class(session: LessonSession, *, key: str, until: datetime) -> SessionClass:
    """Load who was in the lesson, and when, before `until`.

    Args:
        key: Key of the digests.
    """
    rows = _list_students(session).values_list(
        "pk", "user__public_id", "joined_at", "left_at", "consent__erase_through_epoch"
    )
    people = {row[0]: row for row in rows.order_by("joined_at", "pk")}
    events = _list_events(session, people)
    attendances = build_attendances(
        events,
        {pk: joined_at.timestamp() for pk, _, joined_at, _, _ in people.values()},
        {pk: left_at.timestamp() for pk, _, _, left_at, _ in people.values() if left_at},
        until.timestamp(),
    )
    students = [
        Student(pk, compute_digest(key, people[pk][1]), -1 if erased is None else erased)
        for pk in attendances
        for erased in [people[pk][4]]
    ]
    noise_key = compute_noise_key(key, session.pk)
    return SessionClass(session, until, students, list(attendances.values()), events, noise_key)


def load_final_record(loaded: SessionClass, min_group_size: int) -> SessionRecord:
    """Load a record by own lesson time and by step."""
    attendances = loaded.attendances
    own_seconds = np.array([attendance.own_seconds for attendance in attendances])
    bin_seconds = choose_bin_seconds(own_seconds, min_group_size)
    in_bin = mark_own_bins(own_seconds, bin_seconds)
    steps = list(loaded.session.lesson.steps.values_list("pk", flat=True))
    bins = CameraSums.zeros(len(attendances), in_bin.shape[1])
    by_step = CameraSums.zeros(len(attendances), len(steps))
    step_columns = {step: column for column, step in enumerate(steps)}
    for row, (student, attendance) in enumerate(zip(loaded.students, attendances, strict=True)):
        windows = _load_windows(student)
        if windows is None:
            continue
        own = attendance.to_own_seconds(windows.middles)
        present = ~np.isnan(own)
        _add(bins, row, windows, present, (np.nan_to_num(own) // bin_seconds).astype(np.int64))
        if not windows.has_engagement[present].any():
            # Live figures count such a student. Without an own mean, the final ones would be
            # withheld exactly if the student shares a camera. The last bin is never shown.
            last = np.full(len(own), in_bin.shape[1] - 1)
            _add(bins, row, windows, ~present, last)
        openings = attendance.find_openings(windows.middles)
        columns = np.array([step_columns.get(step, -1) for step, _ in attendance.openings] + [-1])
        on_step = columns[openings]
        _add(by_step, row, windows, present & (openings >= 0) & (on_step >= 0), on_step)
    opened = [{step for step, _ in attendance.openings} for attendance in attendances]
    return SessionRecord(
        students=[student.digest for student in loaded.students],
        opened_at=loaded.opened_at,
        own_seconds=own_seconds,
        bin_seconds=bin_seconds,
        in_bin=in_bin,
        in_step=np.array(
            [[step in own for step in steps] for own in opened], dtype=np.bool_
        ).reshape(len(attendances), len(steps)),
        bins=bins,
        steps=by_step,
        noise_key=loaded.noise_key,
    )


def load_live_record(loaded: SessionClass, first_bin: int, end_bin: int) -> SessionRecord:
    """Load a record of the engagement in [first_bin, end_bin) since the session's start.

    A further column at the end, in no bin, holds what came before `first_bin`.
    """
    started_at = loaded.session.started_at
    edges = [started_at + timedelta(seconds=BIN_SECONDS * n) for n in range(first_bin, end_bin + 1)]
    starts = np.array([edge.timestamp() for edge in edges])
    is_present = [item.mark_present(starts[:-1], starts[1:]) for item in loaded.attendances]
    in_bin = np.zeros((len(loaded.students), len(edges)), dtype=np.bool_)
    in_bin[:, :-1] = np.array(is_present).reshape(len(loaded.students), len(edges) - 1)
    spans = [*pairwise(edges), (started_at - MAX_EARLY, edges[0])]
    return _build_engagement_record(loaded, spans, in_bin)


def load_decision_record(loaded: SessionClass) -> SessionRecord:
    """Load a record of the engagement from the start, in one column."""
    span = loaded.session.started_at - MAX_EARLY, loaded.until
    in_bin = np.zeros((len(loaded.students), 1), dtype=np.bool_)
    return _build_engagement_record(loaded, [span], in_bin)


def find_first_opening(session: LessonSession) -> datetime | None:
    """Return when the first student opened the lesson."""
    events = InteractionEvent.objects.filter(participant__in=_list_students(session))
    first = events.order_by("occurred_at").values_list("occurred_at", flat=True).first()
    joined = _list_students(session).filter(events__isnull=True).order_by("joined_at")
    times = [time for time in (first, joined.values_list("joined_at", flat=True).first()) if time]
    return min(times, default=None)


def find_settled_until(session: LessonSession, now: datetime) -> datetime:
    """Return the time before which every window of an open session is closed."""
    recent = now - WINDOW_GRACE - timedelta(seconds=WINDOW_SECONDS + 2)
    open_windows = ObservationWindow.objects.filter(
        participant__session=session, state=ObservationWindow.State.PROVISIONAL
    )
    first_open = open_windows.order_by("start_at").values_list("start_at", flat=True).first()
    return recent if first_open is None else min(recent, first_open)


def find_main_model(students: Iterable[Student]) -> str:
    """Return the sha256 of the model that read most of the students; "" without a model.

    The newest of several as common ones. The newest window alone would tell whether the one student
    who worked after an update of the model shares a camera. Simulated windows count only if there
    are no others.
    """
    readers: Counter[str] = Counter()
    newest: dict[str, datetime] = {}
    for student in students:
        models = student.windows.exclude(model="").order_by().values("model")
        for name, start_at in models.annotate(at=Max("start_at")).values_list("model", "at"):
            readers[name] += 1
            newest[name] = max(start_at, newest.get(name, start_at))
    real = [name for name in newest if name != SIMULATED_MODEL]
    return max(real or newest, key=lambda name: (readers[name], newest[name]), default="")


@dataclass(frozen=True, slots=True)
class _Windows:
    """One student's windows as columns."""

    middles: FloatArray
    seen_seconds: FloatArray
    engagement: FloatArray
    has_engagement: FloatArray
    expressions: FloatArray
    has_expressions: FloatArray
    levels: FloatArray


def _list_students(session: LessonSession) -> QuerySet[Participant]:
    return Participant.objects.filter(is_real_student(), session=session)


def _list_events(session: LessonSession, students: Mapping[uuid.UUID, object]) -> list[ClassEvent]:
    rows = (
        InteractionEvent.objects.filter(participant__session=session)
        .order_by("participant_id", "occurred_at", "id")
        .values_list("participant_id", "kind", "step_id", "value", "seconds", "occurred_at")
    )
    return [
        ClassEvent(participant, kind, step, value, seconds, at.timestamp())
        for participant, kind, step, value, seconds, at in rows
        if participant in students
    ]


def _load_windows(student: Student) -> _Windows | None:
    rows = list(student.windows.order_by().values_list(*WINDOW_COLUMNS))
    if not rows:
        return None
    start_at, seen, sums, counts, scored, scores = zip(*rows, strict=True)
    engagement_counts, expression_counts = np.array(counts, float), np.array(scored, float)
    engagement = np.array(sums, float) / np.maximum(engagement_counts, 1) / SCALE
    has_engagement = (engagement_counts > 0).astype(float)
    levels = [classify_level(value) for value in engagement]
    width = len(scores[0] or ()) or 8
    expressions = np.array([row or [0] * width for row in scores], float)
    return _Windows(
        middles=np.array([at.timestamp() for at in start_at]) + HALF_WINDOW.total_seconds(),
        seen_seconds=np.array(seen, float),
        engagement=engagement,
        has_engagement=has_engagement,
        expressions=expressions / np.maximum(expression_counts, 1)[:, None] / SCALE,
        has_expressions=(expression_counts > 0).astype(float),
        levels=np.array([[level == name for name in LEVELS] for level in levels], float)
        * has_engagement[:, None],
    )


def _add(
    sums: CameraSums, row: int, windows: _Windows, selected: BoolArray, columns: IntArray
) -> None:
    """Add the selected windows of a student to their columns."""
    at = columns[selected]
    np.add.at(sums.seen_seconds[row], at, windows.seen_seconds[selected])
    np.add.at(sums.engagement[row], at, windows.engagement[selected])
    np.add.at(sums.engagement_windows[row], at, windows.has_engagement[selected])
    np.add.at(sums.expressions[row], at, windows.expressions[selected])
    np.add.at(sums.expression_windows[row], at, windows.has_expressions[selected])
    np.add.at(sums.levels[row], at, windows.levels[selected])


def _build_engagement_record(
    loaded: SessionClass, spans: Sequence[tuple[datetime, datetime]], in_bin: BoolArray
) -> SessionRecord:
    size = len(loaded.students)
    bins = CameraSums.zeros(size, len(spans))
    rows = {student.participant_id: row for row, student in enumerate(loaded.students)}
    epochs = [student.readable_after_epoch for student in loaded.students]
    for column, (start, end) in enumerate(spans):
        _add_sums(bins, column, rows, epochs, _sum_engagement(loaded.session, start, end))
    return SessionRecord(
        students=[student.digest for student in loaded.students],
        opened_at=loaded.opened_at,
        own_seconds=np.array([attendance.own_seconds for attendance in loaded.attendances]),
        bin_seconds=BIN_SECONDS,
        in_bin=in_bin,
        in_step=np.zeros((size, 0), dtype=np.bool_),
        bins=bins,
        steps=CameraSums.zeros(size, 0),
        noise_key=loaded.noise_key,
        first_bin_second=(spans[0][0] - loaded.session.started_at).total_seconds(),
    )


EngagementSums = Iterable[tuple[uuid.UUID, int, float, int, float]]


def _sum_engagement(session: LessonSession, start: datetime, end: datetime) -> EngagementSums:
    """Sum the engagement of windows whose middle is in [start, end), by student and epoch."""
    windows = ObservationWindow.objects.filter(
        participant__session=session,
        start_at__gte=start - HALF_WINDOW,
        start_at__lt=end - HALF_WINDOW,
        engagement_count__gt=0,
    )
    value = Cast("engagement_sum", FloatField()) / F("engagement_count")
    return (
        windows.order_by()
        .values("participant", "consent_epoch")
        .annotate(seen=Sum("seen_seconds"), count=Count("pk"), total=Sum(value))
        .values_list("participant", "consent_epoch", "seen", "count", "total")
    )


def _add_sums(
    bins: CameraSums,
    column: int,
    rows: Mapping[uuid.UUID, int],
    epochs: Sequence[int],
    sums: EngagementSums,
) -> None:
    for participant, epoch, seen, count, total in sums:
        row = rows.get(participant)
        if row is None or epoch <= epochs[row]:
            continue
        bins.seen_seconds[row, column] += seen
        bins.engagement_windows[row, column] += count
        bins.engagement[row, column] += total / SCALE
