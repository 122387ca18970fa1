"""Roster requests run on the queue `integrations`, deletions on `aggregation`."""

from celery import shared_task

from fer_lms.lti.launch.logins import delete_old_logins
from fer_lms.lti.launch.sessions import delete_old_passes
from fer_lms.lti.protocol.tool_keys import delete_old_keys
from fer_lms.lti.registration.registrations import delete_old_invites
from fer_lms.lti.services import rosters
from fer_lms.lti.services.choices import delete_old_choices


@shared_task(name="lti.sync_rosters", ignore_result=True)
def sync_rosters() -> None:
    rosters.sync_due_rosters()


@shared_task(name="lti.delete_used_up", ignore_result=True)
def delete_used_up() -> None:
    """Logins, passes, dialogs and invitations whose time is over, and keys nobody needs."""
    delete_old_logins()
    delete_old_passes()
    delete_old_choices()
    delete_old_invites()
    delete_old_keys()
