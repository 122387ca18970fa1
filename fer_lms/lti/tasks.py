"""Roster requests run on the queue `integrations`, deletions on `aggregation`."""

from celery import shared_task

from fer_lms.lti.launch.logins import delete_old_logins
from fer_lms.lti.launch.sessions import delete_old_passes
from fer_lms.lti.protocol.tool_keys import delete_retired_keys
from fer_lms.lti.registration.dynamic import delete_old_invites
from fer_lms.lti.services.content_selection import delete_old_deep_link_requests
from fer_lms.lti.services.rosters import sync_due_rosters


@shared_task(name="lti.sync_rosters", ignore_result=True)
def sync_rosters() -> None:
    sync_due_rosters()


@shared_task(name="lti.delete_used_up", ignore_result=True)
def delete_expired() -> None:
    delete_old_logins()
    delete_old_passes()
    delete_old_deep_link_requests()
    delete_old_invites()
    delete_retired_keys()
