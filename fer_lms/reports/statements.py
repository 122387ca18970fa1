"""What of a report is told to the institution's learning record store, where it keeps one."""

from typing import Any

from fer_lms.lessons.models import LessonSession
from fer_lms.lessons.statements import to_xapi_session
from fer_lms.people.models import User
from fer_lms.policy.queries import active_policy
from fer_lms.xapi.actions import (
    queue_class_metrics,
    queue_report_opened,
    void_metrics_statement,
)
from fer_lms.xapi.queries import is_enabled

SENT_TO_STORE = "told_to_store"
"""The key of the limit that says so, in a report whose figures were told."""


def send_report_opened(session: LessonSession, user: User) -> None:
    if is_enabled():
        queue_report_opened(user=user, session=to_xapi_session(session))


def send_class_metrics(session: LessonSession, body: dict[str, Any]) -> bool:
    """Of a report that becomes final; returns whether they are told, which the report then says.
    What it withholds, or where simulated learners took part, is not told; nor anything where the
    policy in force does not permit it, or lets figures be withdrawn after an erasure: nobody could
    take them back from the store."""
    policy = active_policy()
    if not is_enabled() or policy is None or body.get("withheld") or body.get("simulated"):
        return False
    figures = {
        "contributors_at_least": body["contributors_at_least"],
        "coverage": body["coverage"],
        "engagement_mean": (body["engagement"] or {}).get("mean"),
    }
    permitted = policy.class_figures_in_xapi and policy.k_anonymous_is_anonymous
    return queue_class_metrics(
        session=to_xapi_session(session), metrics=figures, permitted=permitted
    )


def void_class_metrics(session: LessonSession, body: dict[str, Any]) -> None:
    """Of a report that is withdrawn whole: the policy has changed since its figures were told."""
    if SENT_TO_STORE in body["limits"]:
        void_metrics_statement(session_id=session.pk)
