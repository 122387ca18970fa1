from celery import shared_task

from fer_lms.reports.actions import finalise_reports


@shared_task(name="reports.finalise", ignore_result=True)
def finalise() -> None:
    finalise_reports()
