"""Reports that a learner shares with a support person: the same data as on the learner's own page.

Every reason for not sharing (consent not given, withdrawn or pending, no policy, no data) has the
same empty result, so that a supporter cannot distinguish them.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from fer_lms.audit.actions import record_event
from fer_lms.consent.permissions import list_shared_consents
from fer_lms.engagement.models import ObservationWindow
from fer_lms.engagement.queries import AWAITS_ERASURE, list_learner_windows
from fer_lms.lessons.models import Participant, Supporter
from fer_lms.reports.own_activity import OwnAction, list_own_actions
from fer_lms.reports.queries import get_retention_end


@dataclass(frozen=True, slots=True)
class SharedReport:
    """The data of one session that the learner's own page shows."""

    participant: Participant
    actions: list[OwnAction]
    windows: list[ObservationWindow]
    kept_until: datetime


def list_shared_participations(link: Supporter) -> QuerySet[Participant]:
    """List the learner's participations that are shared with this supporter and still have data,
    newest first."""
    stored = ObservationWindow.objects.exclude(AWAITS_ERASURE).filter(participant=OuterRef("pk"))
    shared = list_shared_consents(link).values("participant")
    participations = Participant.objects.filter(Exists(stored), pk__in=shared)
    return participations.select_related("session__lesson").order_by("-session__started_at", "pk")


@transaction.atomic
def read_shared_report(*, link: Supporter, session_id: uuid.UUID) -> SharedReport | None:
    """Read one session for its learner's supporter and record the access in the audit log."""
    participant = list_shared_participations(link).filter(session_id=session_id).first()
    if participant is None:
        return None
    windows = list(list_learner_windows(participant).select_related("correction"))
    record_event(
        actor=link.supporter,
        action="support.viewed",
        subject=link.learner,
        details={"session": str(session_id)},
    )
    return SharedReport(
        participant, list_own_actions(participant), windows, get_retention_end(participant.session)
    )
