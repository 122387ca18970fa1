from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from fer_lms.engagement.actions import GRACE
from fer_lms.engagement.observations import WINDOW_SECONDS
from fer_lms.engagement.queries import has_open_windows
from fer_lms.lessons.models import LessonSession
from fer_lms.reports.models import LessonReport
from fer_lms.reports.queries import report_body

SETTLED_AFTER = timedelta(seconds=WINDOW_SECONDS) + GRACE
"""How long after a sitting's end its last window may still change."""


def finalise_reports(*, now: datetime | None = None) -> int:
    """Freeze the report of every ended sitting whose windows are all closed; returns how many."""
    settled = (now or timezone.now()) - SETTLED_AFTER
    waiting = LessonSession.objects.filter(ended_at__lte=settled, report__isnull=True)
    return sum(freeze_report(session=session) for session in waiting.select_related("lesson"))


@transaction.atomic
def freeze_report(*, session: LessonSession) -> bool:
    """Freeze one report, once; not while a window is open."""
    LessonSession.objects.select_for_update().get(pk=session.pk)
    if has_open_windows(session) or LessonReport.objects.filter(session=session).exists():
        return False
    LessonReport.objects.create(session=session, body=report_body(session))
    return True
