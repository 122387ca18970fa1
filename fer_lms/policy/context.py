from django.http import HttpRequest
from django.utils.translation import gettext

from fer_lms.policy.models import DeploymentPolicy
from fer_lms.policy.queries import active_policy


def banner_text() -> str:
    """What every page says about the policy in force; empty where nothing needs saying."""
    policy = active_policy()
    if policy is None:
        return gettext("Camera features are off: no deployment policy is in force.")
    if policy.kind == DeploymentPolicy.Kind.DEMO:
        return gettext("Demonstration for adults on this machine. Not for use with pupils.")
    return ""


def policy_banner(request: HttpRequest) -> dict[str, str]:
    return {"policy_banner": banner_text()}
