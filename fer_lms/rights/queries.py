import uuid
from collections.abc import Iterable
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db.models import Model

from fer_lms.consent.models import Consent
from fer_lms.lessons.models import Participant
from fer_lms.people.models import User
from fer_lms.rules.models import Hint, RuleState, TeacherWord

SECRET = ("password",)

Row = dict[str, Any]


def person_named(identifier: str) -> User | None:
    """A person by user name or by public id."""
    person = User.objects.filter(username=identifier).first()
    if person is None and (public_id := _uuid(identifier)):
        person = User.objects.filter(public_id=public_id).first()
    return person


def everything_about(user: User) -> Row:
    """Everything this installation holds on a person, except the password's digest."""
    places = user.participations.select_related("session__lesson__course").order_by("joined_at")
    return {
        "person": _row(user),
        "enrolments": _rows(user.enrolments.order_by("pk")),
        "participations": [_place(place) for place in places],
        "threshold_shifts": _rows(user.threshold_shifts.all()),
        "learner_groups": list(user.learner_groups.values("id", "title")),
        "rule_switches": _rows(user.rule_switches.all()),
        "logins": len(logins_of(user)),
    }


def logins_of(user: User) -> list[str]:
    """Keys of the browser sessions in which this person is logged in."""
    sessions = Session.objects.iterator()
    return [s.session_key for s in sessions if s.get_decoded().get(SESSION_KEY) == str(user.pk)]


def _place(participant: Participant) -> Row:
    session = participant.session
    consent = Consent.objects.filter(participant=participant).first()
    return _row(participant) | {
        "course": session.lesson.course.title,
        "lesson": session.lesson.title,
        "session_started_at": session.started_at,
        "consent": _row(consent) if consent else None,
        "events": _rows(participant.events.all()),
        "windows": _rows(participant.windows.all()),
        "baselines": _rows(participant.baselines.all()),
        "baseline_resets": _rows(participant.baseline_resets.all()),
        "hints": [_hint(hint) for hint in participant.hints.prefetch_related("answers")],
        "rule_state": _rows(RuleState.objects.filter(participant=participant)),
        "rule_settings": _rows(participant.rule_settings.all()),
    }


def _hint(hint: Hint) -> Row:
    words = TeacherWord.objects.filter(hint=hint)
    return _row(hint) | {"answers": _rows(hint.answers.all()), "teacher_word": _rows(words)}


def _rows(instances: Iterable[Model]) -> list[Row]:
    return [_row(instance) for instance in instances]


def _row(instance: Model) -> Row:
    names = (field.attname for field in instance._meta.concrete_fields)
    return {name: getattr(instance, name) for name in names if name not in SECRET}


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
