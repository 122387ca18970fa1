"""Celery tasks: roster synchronisation (queue `integrations`) and deletion (`aggregation`)."""

from celery import shared_task
from django.utils import timezone

from fer_lms.lti.launch.logins import LOGIN_LIFETIME
from fer_lms.lti.launch.sessions import PASS_LIFETIME
from fer_lms.lti.models import DeepLinkRequest, LaunchState, RegistrationInvite, WindowPass
from fer_lms.lti.protocol.tool_keys import delete_retired_keys
from fer_lms.lti.registration.dynamic import INVITE_RETENTION
from fer_lms.lti.services.content_selection import REQUEST_LIFETIME
from fer_lms.lti.services.rosters import sync_due_rosters

MAX_AGES = {
    LaunchState: 2 * LOGIN_LIFETIME,
    WindowPass: 2 * PASS_LIFETIME,
    DeepLinkRequest: 2 * REQUEST_LIFETIME,
    RegistrationInvite: INVITE_RETENTION,
}
"""Twice the lifetime, so that late use is refused as expired and not as unknown."""


@shared_task(name="lti.sync_rosters", ignore_result=True)
def sync_rosters() -> None:
    sync_due_rosters()


@shared_task(name="lti.delete_expired", ignore_result=True)
def delete_expired() -> None:
    for model, max_age in MAX_AGES.items():
        model._default_manager.filter(created_at__lt=timezone.now() - max_age).delete()
    delete_retired_keys()
