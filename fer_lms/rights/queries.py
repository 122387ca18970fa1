import hashlib
import re
import uuid
from collections.abc import Iterable
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import DEFAULT_DB_ALIAS
from django.db.models import Model
from django.db.models.deletion import Collector

from fer_lms.consent.models import Consent
from fer_lms.engagement.models import ObservationWindow
from fer_lms.lessons.models import Participant
from fer_lms.lti.models import LtiUser, Platform
from fer_lms.people.models import User
from fer_lms.reports.queries import get_retention_end
from fer_lms.rights.models import PlatformToken
from fer_lms.rules.models import Hint, RuleState, TeacherNotification

SECRET_COLUMN = re.compile(r"password|digest|secret|token|session_key")
"""Columns with credentials, which are left out of every export."""
EXPLICIT_TABLES = {
    "people.user",
    "lessons.enrolment",
    "lessons.supporter",
    "lessons.participant",
    "lessons.interactionevent",
    "consent.consent",
    "engagement.observationwindow",
    "engagement.learnerbaseline",
    "engagement.baselinereset",
    "rules.hint",
    "rules.hintanswer",
    "rules.teachernotification",
    "rules.rulestate",
    "rules.settingssnapshot",
    "rules.ruleswitch",
    "rules.thresholdshift",
    "reports.correction",
}
"""Tables with their own key in an export; the others are listed under `other`."""

DEPRECATED_KEYS = {
    "is_placeholder": "stand_in",
    "access_suspended": "platform_off",
    "level": "rung",
}
"""Export keys of release 0.1.0 by column: written in addition to the new ones for one release."""

Row = dict[str, Any]


def find_person(identifier: str) -> User | None:
    """Find a person by user name or public id."""
    person = User.objects.filter(username=identifier).first()
    if person is None and (public_id := _parse_uuid(identifier)):
        person = User.objects.filter(public_id=public_id).first()
    return person


def collect_personal_data(user: User) -> Row:
    """Return everything that is stored about a person, without credentials."""
    participations = user.participations.select_related("session__lesson__course").order_by(
        "joined_at"
    )
    return {
        "person": _build_row(user),
        "enrolments": [
            _build_row(row) | {"course": row.course.title}
            for row in user.enrolments.select_related("course").order_by("pk")
        ],
        "participations": [_build_participation(item) for item in participations],
        "threshold_shifts": _build_rows(user.threshold_shifts.all()),
        "learner_groups": list(user.learner_groups.values("id", "title")),
        "rule_switches": _build_rows(user.rule_switches.all()),
        "supporters": [
            _build_row(link)
            | {"name": link.supporter.staff_display_name, "course": link.course.title}
            for link in user.supporters.select_related("supporter", "course").order_by("since")
        ],
        "supports": [
            _build_row(link) | {"course": link.course.title}
            for link in user.supports.select_related("course").order_by("since")
        ],
        "logins": len(list_session_keys(user)),
        "other": _collect_other_rows(user),
    }


def _collect_other_rows(user: User) -> dict[str, list[Row]]:
    """Return the rows that an erasure deletes in tables that are not in EXPLICIT_TABLES."""
    collector = Collector(using=user._state.db or DEFAULT_DB_ALIAS, origin=user)
    collector.collect([user])
    instances = [row for rows in collector.data.values() for row in rows]
    instances += [row for rows in collector.fast_deletes for row in rows]
    tables: dict[str, list[Row]] = {}
    for instance in instances:
        label = instance._meta.label_lower
        if label not in EXPLICIT_TABLES:
            tables.setdefault(label, []).append(_build_row(instance))
    return dict(sorted(tables.items()))


def find_platform_person(*, platform: Platform, subject: str) -> User | None:
    """Find a person by platform and subject."""
    identities = LtiUser.objects.filter(platform=platform, sub=subject).select_related("user")
    identity = identities.first()
    return identity.user if identity else None


def find_platform_token(token: str) -> PlatformToken | None:
    """Find a token that is not revoked and whose platform is active."""
    return (
        PlatformToken.objects.select_related("platform")
        .filter(digest=compute_token_digest(token), revoked_at__isnull=True, platform__active=True)
        .first()
    )


def compute_token_digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def list_session_keys(user: User) -> list[str]:
    """Return the keys of browser sessions in which this person is signed in."""
    return [
        session.session_key
        for session in Session.objects.iterator()
        if session.get_decoded().get(SESSION_KEY) == str(user.pk)
    ]


def _build_participation(participant: Participant) -> Row:
    session = participant.session
    consent = Consent.objects.filter(participant=participant).first()
    return _build_row(participant) | {
        "course": session.lesson.course.title,
        "lesson": session.lesson.title,
        "session_started_at": session.started_at,
        "kept_until": get_retention_end(session),
        "consent": _build_row(consent) if consent else None,
        "events": [
            _build_row(event) | {"step": event.step.title if event.step else ""}
            for event in participant.events.select_related("step")
        ],
        "windows": [
            _build_window(window) for window in participant.windows.select_related("correction")
        ],
        "baselines": _build_rows(participant.baselines.all()),
        "baseline_resets": _build_rows(participant.baseline_resets.all()),
        "hints": [_build_hint(hint) for hint in participant.hints.prefetch_related("answers")],
        "rule_state": _build_rows(RuleState.objects.filter(participant=participant)),
        "rule_settings": _build_rows(participant.rule_settings.all()),
    }


def _build_window(window: ObservationWindow) -> Row:
    correction = getattr(window, "correction", None)
    return _build_row(window) | {"correction": _build_row(correction) if correction else None}


def _build_hint(hint: Hint) -> Row:
    notifications = TeacherNotification.objects.filter(hint=hint)
    return _build_row(hint) | {
        "answers": _build_rows(hint.answers.all()),
        "teacher_word": _build_rows(notifications),
    }


def _build_rows(instances: Iterable[Model]) -> list[Row]:
    return [_build_row(instance) for instance in instances]


def _build_row(instance: Model) -> Row:
    names = (field.attname for field in instance._meta.concrete_fields)
    row = {name: getattr(instance, name) for name in names if not SECRET_COLUMN.search(name)}
    return row | {DEPRECATED_KEYS[name]: row[name] for name in row if name in DEPRECATED_KEYS}


def _parse_uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
