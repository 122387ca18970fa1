"""What a support person sees of a learner: the learner's own view, where the learner shares it.

Refused, never asked, taken back, not yet agreed to by a guardian, no policy, nothing read: all of
these are one answer, nothing. It is asked anew at every look.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef

from fer_lms.audit.actions import record_event
from fer_lms.consent.queries import list_shared_consents
from fer_lms.engagement.models import ObservationWindow
from fer_lms.engagement.queries import AWAITS_ERASURE, learner_windows
from fer_lms.lessons.models import Participant, Supporter
from fer_lms.reports.queries import kept_until


@dataclass(frozen=True, slots=True)
class SharedReport:
    """One sitting as its learner sees it on the own page."""

    place: Participant
    windows: list[ObservationWindow]
    kept_until: datetime


def shared_places(link: Supporter) -> list[Participant]:
    """The learner's places in sittings of the course that are shared with this supporter and of
    which anything is kept, the newest first."""
    kept = ObservationWindow.objects.exclude(AWAITS_ERASURE).filter(participant=OuterRef("pk"))
    shared = list_shared_consents(link).values("participant")
    places = Participant.objects.filter(Exists(kept), pk__in=shared)
    return list(places.select_related("session__lesson").order_by("-session__started_at", "pk"))


@transaction.atomic
def look_at_shared_report(*, link: Supporter, session_id: uuid.UUID) -> SharedReport | None:
    """One sitting for its learner's supporter, told to the audit log; None where nothing of it is
    shared, whatever the reason."""
    place = next((each for each in shared_places(link) if each.session_id == session_id), None)
    if place is None:
        return None
    windows = list(learner_windows(place).select_related("correction"))
    record_event(
        actor=link.supporter,
        action="support.viewed",
        subject=link.learner,
        details={"session": str(session_id)},
    )
    return SharedReport(place, windows, kept_until(place.session))
