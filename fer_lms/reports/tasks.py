from celery import shared_task
from django.utils import timezone

from fer_lms.lessons.actions import end_due_sessions
from fer_lms.policy.queries import get_max_open_time
from fer_lms.reports import actions, activity_release, live_release


@shared_task(name="reports.end_due_sessions", ignore_result=True)
def end_due() -> None:
    """End the sessions whose closing time has passed, or whose first data would be deleted."""
    end_due_sessions(started_before=timezone.now() - get_max_open_time())


@shared_task(name="reports.finalise", ignore_result=True)
def finalise() -> None:
    actions.freeze_ended_reports()


@shared_task(name="reports.release_live", ignore_result=True)
def release_live() -> None:
    activity_release.release_due_sessions()
    live_release.release_due_sessions()
