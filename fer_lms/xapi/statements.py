"""Builders of xAPI 1.0.3 statements, after the profile in docs/integrator/xapi.md.

Pure: no database. Statements report actions in a lesson, never anything derived from a face.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.crypto import salted_hmac

Body = dict[str, Any]

VERSION = "1.0.3"
OPENED = ("http://activitystrea.ms/schema/1.0/open", "opened")
VIEWED = ("http://id.tincanapi.com/verb/viewed", "viewed")
RECEIVED = ("http://activitystrea.ms/schema/1.0/receive", "received")
RESPONDED = ("http://adlnet.gov/expapi/verbs/responded", "responded")
SHARED = ("http://activitystrea.ms/schema/1.0/share", "shared")
VOIDED = ("http://adlnet.gov/expapi/verbs/voided", "voided")
VERBS = (OPENED, VIEWED, RECEIVED, RESPONDED, SHARED, VOIDED)

LESSON_TYPE = "http://adlnet.gov/expapi/activities/lesson"
STEP_TYPE = "http://activitystrea.ms/schema/1.0/page"
HINT_TYPE = "http://activitystrea.ms/schema/1.0/note"
REPORT_TYPE = "http://id.tincanapi.com/activitytype/document"
PROFILE_TYPE = "http://adlnet.gov/expapi/activities/profile"

CLASS_METRICS = ("contributors_at_least", "engagement_mean")
"""The only metrics of a class that are reported."""


@dataclass(frozen=True, slots=True)
class SessionInfo:
    """A lesson session in plain values."""

    session_id: uuid.UUID
    lesson_id: int
    lesson_title: str


@dataclass(frozen=True, slots=True)
class Profile:
    """Builds the statements of one installation, identified by its public URL."""

    base_url: str

    def build_lesson_opened(self, actor: uuid.UUID, session: SessionInfo, at: datetime) -> Body:
        return self._build_statement(actor, OPENED, self._build_lesson(session), session, at)

    def build_step_viewed(
        self, actor: uuid.UUID, session: SessionInfo, step_id: int, title: str, at: datetime
    ) -> Body:
        step = self._build_activity("steps", step_id, STEP_TYPE, title)
        return self._build_statement(actor, VIEWED, step, session, at)

    def build_hint_shown(
        self, actor: uuid.UUID, session: SessionInfo, hint_id: object, at: datetime
    ) -> Body:
        hint = self._build_activity("hints", hint_id, HINT_TYPE)
        return self._build_statement(actor, RECEIVED, hint, session, at)

    def build_hint_answered(
        self, actor: uuid.UUID, session: SessionInfo, hint_id: object, answer: str, at: datetime
    ) -> Body:
        hint = self._build_activity("hints", hint_id, HINT_TYPE)
        return self._build_statement(actor, RESPONDED, hint, session, at) | {
            "result": {"response": answer}
        }

    def build_report_opened(self, actor: uuid.UUID, session: SessionInfo, at: datetime) -> Body:
        return self._build_statement(actor, OPENED, self._build_report(session), session, at)

    def build_class_metrics(
        self, session: SessionInfo, metrics: Mapping[str, float | int | None], at: datetime
    ) -> Body:
        """Build a statement whose actor is the installation, about no person."""
        known = {name: metrics[name] for name in CLASS_METRICS if metrics.get(name) is not None}
        extensions = {
            f"{self.base_url}/xapi/extensions/{name}": value for name, value in known.items()
        }
        statement = self._build_statement(None, SHARED, self._build_report(session), session, at)
        return statement | {"result": {"extensions": extensions}}

    def build_voiding(self, statement_id: uuid.UUID, at: datetime) -> Body:
        """Build a statement that voids an earlier one (xAPI 1.0.3, part 2, section 2.3.2)."""
        return {
            "actor": self._build_actor(None),
            "verb": _build_verb(VOIDED),
            "object": {"objectType": "StatementRef", "id": str(statement_id)},
            "timestamp": at.isoformat(),
        }

    def _build_actor(self, actor: uuid.UUID | None) -> Body:
        name = "installation" if actor is None else compute_pseudonym(actor)
        return {"objectType": "Agent", "account": {"homePage": self.base_url, "name": name}}

    def _build_statement(
        self,
        actor: uuid.UUID | None,
        verb: tuple[str, str],
        activity: Body,
        session: SessionInfo,
        at: datetime,
    ) -> Body:
        return {
            "actor": self._build_actor(actor),
            "verb": _build_verb(verb),
            "object": activity,
            "context": {
                "registration": str(session.session_id),
                "contextActivities": {
                    "parent": [self._build_lesson(session)],
                    "category": [self._build_activity("profile", 1, PROFILE_TYPE)],
                },
            },
            "timestamp": at.isoformat(),
        }

    def _build_lesson(self, session: SessionInfo) -> Body:
        return self._build_activity("lessons", session.lesson_id, LESSON_TYPE, session.lesson_title)

    def _build_report(self, session: SessionInfo) -> Body:
        return self._build_activity("reports", session.session_id, REPORT_TYPE)

    def _build_activity(
        self, kind: str, identifier: object, activity_type: str, title: str = ""
    ) -> Body:
        definition: Body = {"type": activity_type}
        if title:
            definition["name"] = {"und": title}
        return {
            "objectType": "Activity",
            "id": f"{self.base_url}/xapi/{kind}/{identifier}",
            "definition": definition,
        }


def _build_verb(verb: tuple[str, str]) -> Body:
    return {"id": verb[0], "display": {"en": verb[1]}}


def compute_pseudonym(public_id: uuid.UUID) -> str:
    """Return a person's id in the LRS.

    A keyed digest: only this installation's secret and database together link it to the person,
    and nothing does once the person is erased.
    """
    return salted_hmac("fer_lms.xapi", str(public_id), algorithm="sha256").hexdigest()[:32]
