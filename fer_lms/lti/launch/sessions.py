"""Sessions started by a launch, and the one-time passes that open them in a new window."""

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
from fer_lms.lti.protocol.claims import sha256_hex
from fer_lms.lti.protocol.errors import ErrorKind, LtiError
from fer_lms.page_language import CHOICE_KEY, LAUNCH_LOCALE_KEY
from fer_lms.people.models import User

AUTH_BACKEND = "django.contrib.auth.backends.ModelBackend"
LAUNCH_KEY = "lti"
DEACTIVATED_PLATFORM_KEY = "lti_ended"
PASS_LIFETIME = timedelta(minutes=5)
MAX_PATH_LENGTH = 500


@dataclass(frozen=True, slots=True)
class SessionLaunch:
    """Primary keys of the launch that started a session."""

    platform_id: int
    deployment_id: int
    context_id: int | None
    locale: str = ""
    """Language of the platform's page, as it was sent."""


def get_session_launch(session: SessionBase) -> SessionLaunch | None:
    """Return the launch that started this session, if one did."""
    stored = session.get(LAUNCH_KEY)
    return SessionLaunch(**stored) if stored else None


def log_in(request: HttpRequest, user: User, launch: SessionLaunch) -> None:
    """Replace the session with a new one for the launched user, who keeps a chosen language."""
    choice = request.session.get(CHOICE_KEY) if request.user.pk == user.pk else None
    request.session.flush()
    login(request, user, backend=AUTH_BACKEND)
    request.session[LAUNCH_KEY] = asdict(launch)
    request.session[LAUNCH_LOCALE_KEY] = launch.locale
    if choice is not None:
        request.session[CHOICE_KEY] = choice


def is_launch_active(launch: SessionLaunch) -> bool:
    """Return whether the launch's platform and deployment still exist and are switched on."""
    active = Deployment.objects.filter(active=True, platform__active=True)
    return active.filter(pk=launch.deployment_id, platform=launch.platform_id).exists()


def end_launched_session(request: HttpRequest) -> None:
    """Sign the user out; keep the platform's id so that the next page can show why."""
    platform_id = request.session[LAUNCH_KEY]["platform_id"]
    request.session.flush()
    request.session[DEACTIVATED_PLATFORM_KEY] = platform_id
    request.user = AnonymousUser()


def get_deactivated_platform_id(session: SessionBase) -> int | None:
    """Return the id of the platform whose deactivation ended this session, if one did."""
    platform_id: int | None = session.get(DEACTIVATED_PLATFORM_KEY)
    return platform_id


def create_window_pass(*, user: User, launch: SessionLaunch, path: str) -> str:
    """Create a one-time pass and return its secret; only the digest is stored."""
    secret = secrets.token_urlsafe(32)
    WindowPass.objects.create(
        digest=sha256_hex(secret), user=user, launch=asdict(launch), path=sanitize_path(path)
    )
    return secret


def redeem_window_pass(secret: str) -> WindowPass:
    """Consume a valid pass; raise LtiError in all but one of concurrent attempts."""
    window_pass = (
        WindowPass.objects.select_related("user").filter(digest=sha256_hex(secret)).first()
    )
    if window_pass is None:
        raise LtiError(ErrorKind.EXPIRED, "unknown_pass")
    if timezone.now() - window_pass.created_at > PASS_LIFETIME:
        raise LtiError(ErrorKind.EXPIRED, "expired_pass")
    unused = WindowPass.objects.filter(pk=window_pass.pk, used_at=None)
    if unused.update(used_at=timezone.now()) != 1:
        raise LtiError(ErrorKind.EXPIRED, "replayed_pass")
    if not window_pass.user.is_active:
        raise LtiError(ErrorKind.ACCOUNT_DISABLED, "person_inactive")
    return window_pass


def sanitize_path(path: str) -> str:
    """Return the path if it is one of this site, otherwise that of the start page."""
    is_local = path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None)
    return path if is_local and len(path) <= MAX_PATH_LENGTH else "/"
