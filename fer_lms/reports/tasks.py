from celery import shared_task

from fer_lms.reports import actions


@shared_task(name="reports.finalise", ignore_result=True)
def finalise() -> None:
    actions.freeze_ended_reports()


@shared_task(name="reports.release_live", ignore_result=True)
def release_live() -> None:
    actions.release_due_sessions()
