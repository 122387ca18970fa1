"""xAPI statements about reports for the institution's learning record store, where configured."""

from fer_lms.lessons.models import LessonSession
from fer_lms.lessons.statements import to_xapi_session
from fer_lms.policy.queries import get_active_policy
from fer_lms.reports.summary import Metrics
from fer_lms.xapi.actions import (
    queue_class_metrics,
    void_metrics_statement,
)
from fer_lms.xapi.queries import is_enabled

SENT_TO_STORE = "told_to_store"
"""Key of the limitation that a report states if its metrics were sent."""


def send_class_metrics(session: LessonSession, body: Metrics) -> bool:
    """Queue the class metrics of a final report and return whether they are sent.

    Withheld metrics and metrics of simulated learners are not sent. The policy must permit sending
    and must not permit withdrawal after an erasure, because the store cannot guarantee deletion.
    """
    policy = get_active_policy()
    is_withheld = body["withheld"] or body["level_withheld"]
    if not is_enabled() or policy is None or is_withheld or body["simulated"]:
        return False
    metrics = {
        "contributors_at_least": body["contributors_at_least"],
        "engagement_mean": (body["engagement"] or {}).get("mean"),
    }
    permitted = policy.class_figures_in_xapi and policy.k_anonymous_is_anonymous
    return queue_class_metrics(
        session=to_xapi_session(session), metrics=metrics, permitted=permitted
    )


def void_class_metrics(session: LessonSession, body: Metrics) -> None:
    """Void sent metrics of a withdrawn report, after the policy changed to permit withdrawal."""
    if SENT_TO_STORE in body["limits"]:
        void_metrics_statement(session_id=session.pk)
