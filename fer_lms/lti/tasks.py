"""Errands: they ask other servers, so they run where nobody waits for them (queue *errands*)."""

from celery import shared_task

from fer_lms.lti import rosters


@shared_task(name="lti.errands.sync_rosters", ignore_result=True)
def sync_rosters() -> None:
    rosters.sync_due_rosters()
