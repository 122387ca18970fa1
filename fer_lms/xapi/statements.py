"""Statements as the learning record store gets them: docs/integrator/xapi.md is their profile.

Pure: no database. A statement says what was done in a lesson, never what a face showed.
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

CLASS_FIGURES = ("contributors_at_least", "coverage", "engagement_mean")
"""What is said of a class, and nothing else."""


@dataclass(frozen=True, slots=True)
class Sitting:
    """Where something was done: one sitting of a lesson, in plain values."""

    session_id: uuid.UUID
    lesson_id: int
    lesson_title: str


@dataclass(frozen=True, slots=True)
class Profile:
    """Makes the statements of one installation; `base` is its public address."""

    base: str

    def lesson_opened(self, actor: uuid.UUID, sitting: Sitting, at: datetime) -> Body:
        return self._said(actor, OPENED, self._lesson(sitting), sitting, at)

    def step_viewed(
        self, actor: uuid.UUID, sitting: Sitting, step_id: int, title: str, at: datetime
    ) -> Body:
        step = self._activity("steps", step_id, STEP_TYPE, title)
        return self._said(actor, VIEWED, step, sitting, at)

    def hint_shown(self, actor: uuid.UUID, sitting: Sitting, hint_id: object, at: datetime) -> Body:
        hint = self._activity("hints", hint_id, HINT_TYPE)
        return self._said(actor, RECEIVED, hint, sitting, at)

    def hint_answered(
        self, actor: uuid.UUID, sitting: Sitting, hint_id: object, answer: str, at: datetime
    ) -> Body:
        hint = self._activity("hints", hint_id, HINT_TYPE)
        return self._said(actor, RESPONDED, hint, sitting, at) | {"result": {"response": answer}}

    def report_opened(self, actor: uuid.UUID, sitting: Sitting, at: datetime) -> Body:
        return self._said(actor, OPENED, self._report(sitting), sitting, at)

    def class_figures(
        self, sitting: Sitting, figures: Mapping[str, float | int | None], at: datetime
    ) -> Body:
        """Said by the installation, of nobody."""
        known = {name: figures[name] for name in CLASS_FIGURES if figures.get(name) is not None}
        extensions = {f"{self.base}/xapi/extensions/{name}": value for name, value in known.items()}
        said = self._said(None, SHARED, self._report(sitting), sitting, at)
        return said | {"result": {"extensions": extensions}}

    def voided(self, statement_id: uuid.UUID, at: datetime) -> Body:
        """Takes one of this installation's own statements back, as xAPI has it."""
        return {
            "actor": self._actor(None),
            "verb": _verb(VOIDED),
            "object": {"objectType": "StatementRef", "id": str(statement_id)},
            "timestamp": at.isoformat(),
        }

    def _actor(self, actor: uuid.UUID | None) -> Body:
        name = "installation" if actor is None else pseudonym(actor)
        return {"objectType": "Agent", "account": {"homePage": self.base, "name": name}}

    def _said(
        self,
        actor: uuid.UUID | None,
        verb: tuple[str, str],
        what: Body,
        sitting: Sitting,
        at: datetime,
    ) -> Body:
        return {
            "actor": self._actor(actor),
            "verb": _verb(verb),
            "object": what,
            "context": {
                "registration": str(sitting.session_id),
                "contextActivities": {
                    "parent": [self._lesson(sitting)],
                    "category": [self._activity("profile", 1, PROFILE_TYPE)],
                },
            },
            "timestamp": at.isoformat(),
        }

    def _lesson(self, sitting: Sitting) -> Body:
        return self._activity("lessons", sitting.lesson_id, LESSON_TYPE, sitting.lesson_title)

    def _report(self, sitting: Sitting) -> Body:
        return self._activity("reports", sitting.session_id, REPORT_TYPE)

    def _activity(self, kind: str, identifier: object, type_: str, title: str = "") -> Body:
        definition: Body = {"type": type_}
        if title:
            definition["name"] = {"und": title}
        return {
            "objectType": "Activity",
            "id": f"{self.base}/xapi/{kind}/{identifier}",
            "definition": definition,
        }


def _verb(verb: tuple[str, str]) -> Body:
    return {"id": verb[0], "display": {"en": verb[1]}}


def pseudonym(public_id: uuid.UUID) -> str:
    """Stands for a person in the record store. Without this installation's secret and its database
    nobody can say who it is; once the person is erased here, nobody can at all."""
    return salted_hmac("fer_lms.xapi", str(public_id), algorithm="sha256").hexdigest()[:32]
