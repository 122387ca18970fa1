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
from fer_lms.lessons.models import Participant, Supporter
from fer_lms.lti.models import LtiUser, Platform
from fer_lms.people.models import User
from fer_lms.rights.models import PlatformToken
from fer_lms.rules.models import Hint, RuleState, TeacherNotification

SECRET = re.compile(r"password|digest|secret|token|session_key")
"""Columns that open doors instead of telling anything of a person."""
TOLD_BY_NAME = {
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
    "rules.teacherword",
    "rules.rulestate",
    "rules.settingsseen",
    "rules.ruleswitch",
    "rules.thresholdshift",
    "reports.correction",
}
"""What stands at its own place in an export; all else stands under its table's name."""

DEPRECATED_KEYS = {
    "is_placeholder": "stand_in",
    "access_suspended": "platform_off",
    "level": "rung",
}
"""Export keys of 0.1.0 by today's column: written beside the new ones for one release."""

Row = dict[str, Any]


def find_person(identifier: str) -> User | None:
    """A person by user name or by public id."""
    person = User.objects.filter(username=identifier).first()
    if person is None and (public_id := _uuid(identifier)):
        person = User.objects.filter(public_id=public_id).first()
    return person


def collect_personal_data(user: User) -> Row:
    """Everything this installation holds on a person, except the password's digest."""
    places = user.participations.select_related("session__lesson__course").order_by("joined_at")
    return {
        "person": _row(user),
        "enrolments": _rows(user.enrolments.order_by("pk")),
        "participations": [_place(place) for place in places],
        "threshold_shifts": _rows(user.threshold_shifts.all()),
        "learner_groups": list(user.learner_groups.values("id", "title")),
        "rule_switches": _rows(user.rule_switches.all()),
        "supporters": [
            _row(link) | {"name": link.supporter.get_full_name()} for link in _supporters(user)
        ],
        "supports": _rows(user.supports.order_by("since")),
        "logins": len(list_session_keys(user)),
        "other": collect_other_rows(user),
    }


def collect_other_rows(user: User) -> dict[str, list[Row]]:
    """What an erasure would delete beside what has a place of its own, by table: so that an export
    leaves nothing out, whichever room keeps it."""
    found = Collector(using=user._state.db or DEFAULT_DB_ALIAS, origin=user)
    found.collect([user])
    instances = [each for rows in found.data.values() for each in rows]
    instances += [each for rows in found.fast_deletes for each in rows]
    tables: dict[str, list[Row]] = {}
    for instance in instances:
        label = instance._meta.label_lower
        if label not in TOLD_BY_NAME:
            tables.setdefault(label, []).append(_row(instance))
    return dict(sorted(tables.items()))


def find_platform_person(*, platform: Platform, subject: str) -> User | None:
    """Whom a platform knows by this subject; nobody of another platform."""
    identity = LtiUser.objects.filter(platform=platform, sub=subject).select_related("user")
    known = identity.first()
    return known.user if known else None


def find_token(token: str) -> PlatformToken | None:
    """The token that was shown, unless it was revoked or its platform is switched off."""
    return (
        PlatformToken.objects.select_related("platform")
        .filter(digest=token_digest(token), revoked_at__isnull=True, platform__active=True)
        .first()
    )


def token_digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def list_session_keys(user: User) -> list[str]:
    """Keys of the browser sessions in which this person is logged in."""
    sessions = Session.objects.iterator()
    return [s.session_key for s in sessions if s.get_decoded().get(SESSION_KEY) == str(user.pk)]


def _supporters(user: User) -> Iterable[Supporter]:
    """The learner is told by name; of the learner a support person's file has a number only."""
    return user.supporters.select_related("supporter").order_by("since")


def _place(participant: Participant) -> Row:
    session = participant.session
    consent = Consent.objects.filter(participant=participant).first()
    return _row(participant) | {
        "course": session.lesson.course.title,
        "lesson": session.lesson.title,
        "session_started_at": session.started_at,
        "consent": _row(consent) if consent else None,
        "events": _rows(participant.events.all()),
        "windows": [_window(each) for each in participant.windows.select_related("correction")],
        "baselines": _rows(participant.baselines.all()),
        "baseline_resets": _rows(participant.baseline_resets.all()),
        "hints": [_hint(hint) for hint in participant.hints.prefetch_related("answers")],
        "rule_state": _rows(RuleState.objects.filter(participant=participant)),
        "rule_settings": _rows(participant.rule_settings.all()),
    }


def _window(window: ObservationWindow) -> Row:
    word = getattr(window, "correction", None)
    return _row(window) | {"correction": _row(word) if word else None}


def _hint(hint: Hint) -> Row:
    words = TeacherNotification.objects.filter(hint=hint)
    return _row(hint) | {"answers": _rows(hint.answers.all()), "teacher_word": _rows(words)}


def _rows(instances: Iterable[Model]) -> list[Row]:
    return [_row(instance) for instance in instances]


def _row(instance: Model) -> Row:
    names = (field.attname for field in instance._meta.concrete_fields)
    row = {name: getattr(instance, name) for name in names if not SECRET.search(name)}
    return row | {DEPRECATED_KEYS[name]: row[name] for name in row if name in DEPRECATED_KEYS}


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
