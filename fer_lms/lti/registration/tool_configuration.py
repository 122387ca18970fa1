"""The tool's configuration as platforms need it: URLs, messages, scopes and claims.

The only scope is to read course memberships. Grade services are omitted on purpose: nothing
derived from a face may become a grade (docs/integrator/lti-reference.md).
"""

from urllib.parse import urlsplit

from django.urls import reverse
from django.utils.translation import gettext

from fer_lms.lti.launch.links import CONTEXT_HISTORY_PARAMETER, LINK_HISTORY_PARAMETER
from fer_lms.lti.protocol.claims import DATA_PRIVACY, DEEP_LINKING, RESOURCE_LINK
from fer_lms.lti.protocol.tokens import Json

MEMBERSHIP_SCOPE = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
SCOPES = (MEMBERSHIP_SCOPE,)
CLAIMS = ("iss", "sub", "given_name", "family_name", "name", "locale")
HISTORY_PARAMETERS = {
    CONTEXT_HISTORY_PARAMETER: "$Context.id.history",
    LINK_HISTORY_PARAMETER: "$ResourceLink.id.history",
}
"""Variables that platforms replace, by which copied courses are recognised."""
TOOL_CONFIGURATION_CLAIM = "https://purl.imsglobal.org/spec/lti-tool-configuration"
TOOL_NAME = "fer-lms"
CANVAS_PREFIX = "https://canvas.instructure.com/lti/"


class ToolUrls:
    """URLs of this tool. `origin` is `https://host`, without a trailing slash."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.host = urlsplit(origin).netloc
        self.icon = f"{origin}/static/dist/icon.svg"
        self.login = origin + reverse("lti-login")
        self.launch = origin + reverse("lti-launch")  # also the redirect and target link URI
        self.key_set = origin + reverse("lti-jwks")
        self.register = origin + reverse("lti-register")


def build_registration(urls: ToolUrls, *, family: str = "") -> Json:
    """Build the client registration request (LTI Dynamic Registration 1.0; RFC 7591).

    Args:
        urls: URLs of this tool.
        family: The platform's `product_family_code`.
    """
    return {
        "application_type": "web",
        "client_name": TOOL_NAME,
        "client_uri": urls.origin,
        "logo_uri": urls.icon,
        "initiate_login_uri": urls.login,
        "redirect_uris": [urls.launch],
        "jwks_uri": urls.key_set,
        "grant_types": ["client_credentials", "implicit"],
        "response_types": ["id_token"],
        "token_endpoint_auth_method": "private_key_jwt",
        "scope": " ".join(SCOPES),
        TOOL_CONFIGURATION_CLAIM: _build_tool_configuration(urls, is_canvas=family == "canvas"),
    }


def _build_tool_configuration(urls: ToolUrls, *, is_canvas: bool) -> Json:
    deep_linking: Json = {
        "type": DEEP_LINKING,
        "target_link_uri": urls.launch,
        "label": gettext("Choose a lesson"),
    }
    configuration: Json = {
        "domain": urls.host,
        "target_link_uri": urls.launch,
        "description": _get_description(),
        "claims": list(CLAIMS),
        "custom_parameters": HISTORY_PARAMETERS,
        "messages": [deep_linking],
    }
    if is_canvas:
        # Canvas assigns a message without placements to "link_selection", and accepts only the
        # first message of a placement. It opens links at `target_link_uri` by default.
        deep_linking["placements"] = ["link_selection", "editor_button"]
        configuration[f"{CANVAS_PREFIX}privacy_level"] = "name_only"
        configuration[f"{CANVAS_PREFIX}tool_id"] = TOOL_NAME
    else:  # Canvas refuses registrations with unknown message types
        resource_link = {"type": RESOURCE_LINK, "target_link_uri": urls.launch, "label": TOOL_NAME}
        data_privacy = {"type": DATA_PRIVACY, "target_link_uri": urls.launch}
        configuration["messages"] = [resource_link, deep_linking, data_privacy]
    return configuration


def build_canvas_configuration(urls: ToolUrls) -> Json:
    """Build the JSON that a Canvas administrator pastes for a manual registration."""
    placements = [
        {
            "placement": name,
            "enabled": True,
            "message_type": DEEP_LINKING,
            "target_link_uri": urls.launch,
            "text": TOOL_NAME,
        }
        for name in ("link_selection", "editor_button")
    ]
    return {
        "title": TOOL_NAME,
        "description": _get_description(),
        "target_link_uri": urls.launch,
        "oidc_initiation_url": urls.login,
        "public_jwk_url": urls.key_set,
        "scopes": list(SCOPES),
        "custom_fields": HISTORY_PARAMETERS,
        "extensions": [
            {
                "domain": urls.host,
                "tool_id": TOOL_NAME,
                "platform": "canvas.instructure.com",
                "privacy_level": "name_only",
                "settings": {"placements": placements},
            }
        ],
    }


def _get_description() -> str:
    return gettext("Lessons that notice when a step is hard, and offer help. It sends no grades.")
