"""For how long each class of data is kept, as the policy promises, and what deletes it then."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.sessions.models import Session
from django.db import models, transaction
from django.db.models import Max, Q, QuerySet
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone
from django.utils.translation import gettext

from fer_lms.audit.actions import cut_before
from fer_lms.audit.models import AuditEvent
from fer_lms.consent.models import Consent, GuardianConsent
from fer_lms.consent.queries import current_text_version
from fer_lms.engagement.queries import (
    list_baselines_before,
    list_resets_before,
    list_windows_before,
)
from fer_lms.lessons.models import InteractionEvent, LessonSession, Supporter
from fer_lms.people.models import User
from fer_lms.policy.queries import compute_retention_cutoff, disclosed_policy
from fer_lms.reports.models import LessonReport, Release, ReleasedCell
from fer_lms.rights.actions import Counts, erase_person
from fer_lms.rights.models import PurgeRun
from fer_lms.rules.models import Hint
from fer_lms.rules.queries import (
    list_face_reasons_before,
    list_hints_before,
    list_settings_before,
    list_states_before,
)

RUNS_KEPT_DAYS = 365
OVERDUE_AFTER = timedelta(hours=26)
"""The purge runs every hour. After a day without one, somebody has to look."""


@dataclass(frozen=True, slots=True)
class DataClass:
    """One kind of data: the policy's field with its days, and its rows from before a moment."""

    name: str
    days_field: str
    rows: tuple[Callable[[datetime], QuerySet[models.Model]], ...]
    delete: Callable[[QuerySet[models.Model]], object] = lambda rows: rows.delete()


def data_classes() -> tuple[DataClass, ...]:
    return (
        DataClass(
            "windows",
            "kept_days",
            (
                list_windows_before,
                list_baselines_before,
                list_resets_before,
                list_states_before,
                list_face_reasons_before,
            ),
            _forget_readings,
        ),
        DataClass("events", "events_kept_days", (_events_before,)),
        DataClass("hints", "hints_kept_days", (list_hints_before, list_settings_before)),
        DataClass(
            "reports", "reports_kept_days", (_reports_before, _releases_before, _cells_before)
        ),
        DataClass(
            "consents",
            "consents_kept_days",
            (_consents_before, _guardians_before, _supports_before),
        ),
        DataClass("people", "people_kept_days", (_people_not_seen_since,), _erase_people),
        DataClass("audit", "audit_kept_days", (_audit_before,), _cut_audit),
    )


@transaction.atomic
def purge_expired(*, now: datetime | None = None, dry_run: bool = False) -> Counts:
    """Delete what is older than the policy keeps it; returns how many rows of each class.

    Doing it again deletes nothing more. A purge that failed leaves everything as it was.
    """
    now = now or timezone.now()
    counts: Counts = {}
    for each in data_classes():
        before = compute_retention_cutoff(each.days_field, now=now)
        expired = [rows(before) for rows in each.rows]
        counts[each.name] = sum(rows.count() for rows in expired)
        if not dry_run:
            for rows in expired:
                each.delete(rows)
    logins = Session.objects.filter(expire_date__lt=now)
    counts["logins"] = logins.count()
    if not dry_run:
        logins.delete()
        PurgeRun.objects.filter(finished_at__lt=now - timedelta(days=RUNS_KEPT_DAYS)).delete()
        PurgeRun.objects.create(finished_at=now, counts=counts)
    return counts


def last_purge_at() -> datetime | None:
    newest: datetime | None = PurgeRun.objects.aggregate(newest=Max("finished_at"))["newest"]
    return newest


def purge_is_overdue(now: datetime | None = None) -> bool:
    """Whether no purge came to its end for a day, though there are people to keep data of."""
    last = last_purge_at()
    now = now or timezone.now()
    if last is not None:
        return now - last > OVERDUE_AFTER
    return User.objects.filter(date_joined__lt=now - OVERDUE_AFTER).exists()


def schedule() -> list[dict[str, object]]:
    """The promise in words, a row for each class of data."""
    policy = disclosed_policy()
    words = _words()
    return [
        {"name": words[each.name][0], "why": words[each.name][1], "days": days}
        for each in data_classes()
        if (days := getattr(policy, each.days_field)) is not None
    ]


def _words() -> dict[str, tuple[str, str]]:
    return {
        "windows": (
            gettext("What was read from the camera, ten seconds at a time"),
            gettext("For the learner's own page and, with others, the class's report."),
        ),
        "events": (
            gettext("What is done in lessons"),
            gettext("Steps opened, answers, “How is it?”, hints asked for."),
        ),
        "hints": (
            gettext("Hints and what was answered to them"),
            gettext("So that a hint that did not help is not given again."),
        ),
        "reports": (
            gettext("Reports of classes"),
            gettext("Figures of groups, and nobody's name."),
        ),
        "consents": (
            gettext("What was agreed to and taken back, and receipts; who was a support person"),
            gettext("So that it can be proved what was permitted, and to whom."),
        ),
        "people": (
            gettext("People who have not come back"),
            gettext("A person and everything held on them, counted from the last visit."),
        ),
        "audit": (
            gettext("The audit log"),
            gettext("Who did what with people's data, in random numbers instead of names."),
        ),
    }


def _events_before(moment: datetime) -> QuerySet[InteractionEvent]:
    return InteractionEvent.objects.filter(occurred_at__lt=moment)


def _ended_before(moment: datetime) -> QuerySet[LessonSession]:
    """Ended, or begun and never ended."""
    forgotten = Q(ended_at__isnull=True, started_at__lt=moment)
    return LessonSession.objects.filter(Q(ended_at__lt=moment) | forgotten)


def _reports_before(moment: datetime) -> QuerySet[LessonReport]:
    return LessonReport.objects.filter(session__in=_ended_before(moment))


def _releases_before(moment: datetime) -> QuerySet[Release]:
    return Release.objects.filter(session__in=_ended_before(moment))


def _cells_before(moment: datetime) -> QuerySet[ReleasedCell]:
    return ReleasedCell.objects.filter(session__in=_ended_before(moment))


def _consents_before(moment: datetime) -> QuerySet[Consent]:
    """Of sittings that are long over, once nothing that they permitted is kept any more."""
    old = Q(granted_at__isnull=True) | Q(granted_at__lt=moment)
    return Consent.objects.filter(
        old,
        Q(withdrawn_at__isnull=True) | Q(withdrawn_at__lt=moment),
        participant__session__in=_ended_before(moment),
        participant__windows__isnull=True,
        erase_through_epoch__isnull=True,
    )


def _guardians_before(moment: datetime) -> QuerySet[GuardianConsent]:
    """What no longer holds: taken back, refused, replaced, said to an earlier text, or asked and
    never answered; a yes not before all is gone that was read under it."""
    ended = Q(withdrawn_at__lt=moment)
    unanswered = Q(answered_at__isnull=True, withdrawn_at__isnull=True, expires_at__lt=moment)
    outdated = ~Q(state=GuardianConsent.State.GIVEN) | ~Q(text_version=current_text_version())
    answered = outdated & Q(answered_at__lt=moment, withdrawn_at__isnull=True)
    return GuardianConsent.objects.filter(ended | unanswered | answered).exclude(
        consents__in=Consent.objects.filter(participant__windows__isnull=False)
    )


def _supports_before(moment: datetime) -> QuerySet[Supporter]:
    """Who supported whom, once that is over."""
    return Supporter.objects.filter(Q(ended_at__lt=moment) | Q(until__lt=moment))


def _people_not_seen_since(moment: datetime) -> QuerySet[User]:
    """Nobody who administers: those accounts are the operator's own matter."""
    seen = User.objects.filter(is_staff=False, is_superuser=False).annotate(
        last_place=Max("participations__joined_at")
    )
    login = Coalesce("last_login", "date_joined")
    place = Coalesce("last_place", "date_joined")
    return seen.alias(seen_at=Greatest("date_joined", login, place)).filter(seen_at__lt=moment)


def _erase_people(people: QuerySet[models.Model]) -> None:
    for person in list(people):
        if isinstance(person, User):
            erase_person(user=person)


def _audit_before(moment: datetime) -> QuerySet[AuditEvent]:
    return AuditEvent.objects.filter(at__lt=moment)


def _forget_readings(rows: QuerySet[models.Model]) -> None:
    """Of a hint only what the face had to do with it; the hint itself is kept for longer."""
    if rows.model is Hint:
        rows.update(why="", parts={}, consent_epoch=None)
    else:
        rows.delete()


def _cut_audit(events: QuerySet[models.Model]) -> None:
    newest = events.aggregate(newest=Max("number"))["newest"]
    if newest is not None:
        cut_before(number=newest + 1)
