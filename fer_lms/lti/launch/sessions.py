"""Sessions that a launch made, and the pass that carries one into a window of its own."""

import secrets
from dataclasses import asdict, dataclass
from datetime import timedelta

from django.contrib.auth import login
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from fer_lms.lti.models import Deployment, WindowPass
from fer_lms.lti.protocol.claims import digest_of
from fer_lms.lti.protocol.refusals import LaunchRefused, Refusal
from fer_lms.people.models import User

BACKEND = "django.contrib.auth.backends.ModelBackend"
KEY = "lti"
ENDED = "lti_ended"
PASS_VALID_FOR = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Remembered:
    """What a session knows of its launch: ids of ours only."""

    platform_id: int
    deployment_id: int
    context_id: int | None


def remembered_launch(session: SessionBase) -> Remembered | None:
    """The launch that made this session; None for every other session."""
    stored = session.get(KEY)
    return Remembered(**stored) if stored else None


def enter(request: HttpRequest, user: User, launch: Remembered) -> None:
    """A new session with a new key, whoever was here before."""
    request.session.flush()
    login(request, user, backend=BACKEND)
    request.session[KEY] = asdict(launch)


def platform_is_open(launch: Remembered) -> bool:
    """Whether platform and deployment that made this session are still there and switched on."""
    open_places = Deployment.objects.filter(active=True, platform__active=True)
    return open_places.filter(pk=launch.deployment_id, platform=launch.platform_id).exists()


def end_launched_session(request: HttpRequest) -> None:
    """Nobody is signed in any more. What is left says only that there was somebody, so that the
    next page can say why instead of showing an entrance that is not theirs."""
    platform_id = request.session[KEY]["platform_id"]
    request.session.flush()
    request.session[ENDED] = platform_id
    request.user = AnonymousUser()


def ended_by(session: SessionBase) -> int | None:
    """The platform whose being switched off ended this session; None where nothing did."""
    ended: int | None = session.get(ENDED)
    return ended


def write_pass(*, user: User, launch: Remembered, path: str) -> str:
    """A secret that opens one window for this person, once and soon."""
    secret = secrets.token_urlsafe(32)
    WindowPass.objects.create(
        digest=digest_of(secret), user=user, launch=asdict(launch), path=own_path(path)
    )
    return secret


def redeem_pass(secret: str) -> WindowPass:
    """Use a pass up: of all who try, one gets past here. Raises LaunchRefused."""
    found = WindowPass.objects.select_related("user").filter(digest=digest_of(secret)).first()
    if found is None:
        raise LaunchRefused(Refusal.USED_UP, "unknown_pass")
    if timezone.now() - found.created_at > PASS_VALID_FOR:
        raise LaunchRefused(Refusal.USED_UP, "expired_pass")
    unused = WindowPass.objects.filter(pk=found.pk, used_at=None)
    if unused.update(used_at=timezone.now()) != 1:
        raise LaunchRefused(Refusal.USED_UP, "replayed_pass")
    if not found.user.is_active:
        raise LaunchRefused(Refusal.PERSON, "person_inactive")
    return found


def delete_old_passes() -> int:
    old = timezone.now() - 2 * PASS_VALID_FOR
    return WindowPass.objects.filter(created_at__lt=old).delete()[0]


def own_path(path: str) -> str:
    """A path of ours, or the start page."""
    is_ours = path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None)
    return path if is_ours and len(path) <= 500 else "/"
