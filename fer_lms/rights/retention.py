"""Retention periods of each class of data, and the purge of expired rows."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.sessions.models import Session
from django.db import models, transaction
from django.db.models import Max, Q, QuerySet
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from fer_lms.audit.actions import truncate_before
from fer_lms.audit.models import AuditEvent
from fer_lms.consent.models import Consent, GuardianConsent
from fer_lms.consent.queries import get_current_text_version
from fer_lms.engagement.queries import (
    list_baselines_before,
    list_resets_before,
    list_windows_before,
)
from fer_lms.integrations.delivery import list_old_deliveries
from fer_lms.integrations.tokens import list_ended_access
from fer_lms.lessons.models import InteractionEvent, LessonSession, Supporter
from fer_lms.people.models import RequestKey, User
from fer_lms.policy.queries import compute_retention_cutoff, get_disclosed_policy
from fer_lms.reports.models import LessonReport, Release, ReleasedCohort
from fer_lms.rights.actions import RowCounts, erase_person
from fer_lms.rights.models import PurgeRun
from fer_lms.rules.models import Hint
from fer_lms.rules.queries import (
    list_face_reasons_before,
    list_hints_before,
    list_session_rules_before,
    list_settings_before,
    list_states_before,
)

PURGE_RUN_RETENTION = timedelta(days=365)
REQUEST_KEY_RETENTION = timedelta(hours=24)
OVERDUE_AFTER = timedelta(hours=26)
"""The purge runs every hour; it is reported as overdue after about a day."""

Rows = QuerySet[models.Model]


@dataclass(frozen=True, slots=True)
class DataClass:
    """One class of data: its retention field in the policy and the queries for expired rows."""

    name: str
    days_field: str
    title: Promise
    purpose: Promise
    queries: tuple[Callable[[datetime], Rows], ...]
    delete: Callable[[Rows], object] = lambda rows: rows.delete()


@transaction.atomic
def purge_expired(*, now: datetime | None = None, dry_run: bool = False) -> RowCounts:
    """Delete expired data and return the number of rows by class.

    A failed purge deletes nothing; a repeated purge deletes nothing more.
    """
    now = now or timezone.now()
    counts: RowCounts = {}
    for data_class in DATA_CLASSES:
        cutoff = compute_retention_cutoff(data_class.days_field, now=now)
        expired = [list_rows(cutoff) for list_rows in data_class.queries]
        counts[data_class.name] = sum(rows.count() for rows in expired)
        if not dry_run:
            for rows in expired:
                data_class.delete(rows)
    logins = Session.objects.filter(expire_date__lt=now)
    counts["logins"] = logins.count()
    access = list_ended_access(now)
    counts["api_access"] = sum(rows.count() for rows in access)
    deliveries = list_old_deliveries(now)
    counts["webhook_deliveries"] = deliveries.count()
    request_keys = RequestKey.objects.filter(created_at__lt=now - REQUEST_KEY_RETENTION)
    counts["request_keys"] = request_keys.count()
    if not dry_run:
        logins.delete()
        request_keys.delete()
        for rows in (*access, deliveries):
            rows.delete()
        PurgeRun.objects.filter(finished_at__lt=now - PURGE_RUN_RETENTION).delete()
        PurgeRun.objects.create(finished_at=now, counts=counts)
    return counts


def get_last_purge_at() -> datetime | None:
    newest: datetime | None = PurgeRun.objects.aggregate(newest=Max("finished_at"))["newest"]
    return newest


def is_purge_overdue(now: datetime | None = None) -> bool:
    """Return whether no purge completed for a day, though there are people with data."""
    last = get_last_purge_at()
    now = now or timezone.now()
    if last is not None:
        return now - last > OVERDUE_AFTER
    return User.objects.filter(date_joined__lt=now - OVERDUE_AFTER).exists()


def list_retention_periods() -> list[dict[str, object]]:
    """Return title, purpose and days of each class of data, for the public page."""
    policy = get_disclosed_policy()
    return [
        {"name": item.title, "why": item.purpose, "days": getattr(policy, item.days_field)}
        for item in DATA_CLASSES
    ]


def _list_sessions_before(cutoff: datetime) -> QuerySet[LessonSession]:
    """Return sessions that ended before the cutoff, or began before it and never ended."""
    never_ended = Q(ended_at__isnull=True, started_at__lt=cutoff)
    return LessonSession.objects.filter(Q(ended_at__lt=cutoff) | never_ended)


def _build_session_query(model: type[models.Model]) -> Callable[[datetime], Rows]:
    manager = model._default_manager
    return lambda cutoff: manager.filter(session__in=_list_sessions_before(cutoff))


def _list_consents_before(cutoff: datetime) -> QuerySet[Consent]:
    """Return consents of ended sessions with no window or pending erasure left."""
    old = Q(granted_at__isnull=True) | Q(granted_at__lt=cutoff)
    return Consent.objects.filter(
        old,
        Q(withdrawn_at__isnull=True) | Q(withdrawn_at__lt=cutoff),
        participant__session__in=_list_sessions_before(cutoff),
        participant__windows__isnull=True,
        erase_through_epoch__isnull=True,
    )


def _list_guardian_consents_before(cutoff: datetime) -> QuerySet[GuardianConsent]:
    """Return inactive answers and expired requests on which no stored window depends."""
    ended = Q(withdrawn_at__lt=cutoff)
    unanswered = Q(answered_at__isnull=True, withdrawn_at__isnull=True, expires_at__lt=cutoff)
    outdated = ~Q(state=GuardianConsent.State.GIVEN) | ~Q(text_version=get_current_text_version())
    answered = outdated & Q(answered_at__lt=cutoff, withdrawn_at__isnull=True)
    return GuardianConsent.objects.filter(ended | unanswered | answered).exclude(
        consents__in=Consent.objects.filter(participant__windows__isnull=False)
    )


def _list_supporters_before(cutoff: datetime) -> QuerySet[Supporter]:
    return Supporter.objects.filter(Q(ended_at__lt=cutoff) | Q(until__lt=cutoff))


def _list_people_before(cutoff: datetime) -> QuerySet[User]:
    """Return people without staff rights; staff accounts are not purged."""
    people = User.objects.filter(is_staff=False, is_superuser=False).annotate(
        last_joined_at=Max("participations__joined_at")
    )
    login = Coalesce("last_login", "date_joined")
    joined = Coalesce("last_joined_at", "date_joined")
    return people.alias(seen_at=Greatest("date_joined", login, joined)).filter(seen_at__lt=cutoff)


def _erase_people(people: Rows) -> None:
    for person in list(people):
        if isinstance(person, User):
            erase_person(user=person)


def _delete_readings(rows: Rows) -> None:
    """Delete the rows; of hints, which are stored longer, clear the reasons only."""
    if rows.model is Hint:
        rows.update(why="", parts={}, sources={}, consent_epoch=None)
    else:
        rows.delete()


def _truncate_audit(events: Rows) -> None:
    newest = events.aggregate(newest=Max("number"))["newest"]
    if newest is not None:
        truncate_before(number=newest + 1)


DATA_CLASSES = (
    DataClass(
        "windows",
        "kept_days",
        _("Results read from the camera, for each ten seconds"),
        _("For the learner's own page and, with others, for the report of the class."),
        (
            list_windows_before,
            list_baselines_before,
            list_resets_before,
            list_states_before,
            list_face_reasons_before,
        ),
        _delete_readings,
    ),
    DataClass(
        "events",
        "events_kept_days",
        _("Activity in lessons"),
        _("Steps opened, answers, “How is it?”, hints asked for."),
        (lambda cutoff: InteractionEvent.objects.filter(occurred_at__lt=cutoff),),
    ),
    DataClass(
        "hints",
        "hints_kept_days",
        _("Hints and the answers to them"),
        _("So that a hint that did not help is not given again."),
        (list_hints_before, list_settings_before, list_session_rules_before),
    ),
    DataClass(
        "reports",
        "reports_kept_days",
        _("Reports of classes"),
        _("Results of groups, and nobody's name."),
        (
            _build_session_query(LessonReport),
            _build_session_query(Release),
            lambda cutoff: ReleasedCohort.objects.filter(released_at__lt=cutoff),
        ),
    ),
    DataClass(
        "consents",
        "consents_kept_days",
        _("Consents, withdrawals and receipts; who was a support person"),
        _("So that it can be proved what was permitted, and to whom."),
        (
            _list_consents_before,
            _list_guardian_consents_before,
            _list_supporters_before,
        ),
    ),
    DataClass(
        "people",
        "people_kept_days",
        _("People who have not come back"),
        _("A person and all their data, counted from the last visit."),
        (_list_people_before,),
        _erase_people,
    ),
    DataClass(
        "audit",
        "audit_kept_days",
        _("The audit log"),
        _("Who did what with people's data, with random numbers instead of names."),
        (lambda cutoff: AuditEvent.objects.filter(at__lt=cutoff),),
        _truncate_audit,
    ),
)
