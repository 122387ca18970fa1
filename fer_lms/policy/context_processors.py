from django.http import HttpRequest
from django.utils.translation import gettext

from fer_lms.policy.models import DeploymentPolicy
from fer_lms.policy.queries import get_active_policy


def get_banner_text() -> str:
    """Return what every page shows about the active policy; may be empty."""
    policy = get_active_policy()
    if policy is None:
        return gettext("Camera features are off: there is no active deployment policy.")
    if policy.kind == DeploymentPolicy.Kind.DEMO:
        return gettext("Demonstration for adults on this machine. Not for use with pupils.")
    return ""


def policy_banner(request: HttpRequest) -> dict[str, str]:
    return {"policy_banner": get_banner_text()}
