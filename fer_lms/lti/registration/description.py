"""How we describe ourselves to a platform: addresses, messages, and what we ask leave for.

The only leave asked for is to read who is in a course. There is none for grades, on purpose:
nothing that comes from a face may become a mark (docs/integrator/lms.md).
"""

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.urls import reverse
from django.utils.translation import gettext

from fer_lms.lti.protocol.claims import DATA_PRIVACY, DEEP_LINKING, RESOURCE_LINK
from fer_lms.lti.protocol.tokens import Json

ROSTER_SCOPE = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
SCOPES = (ROSTER_SCOPE,)
CLAIMS = ("iss", "sub", "given_name", "family_name", "locale")
TOOL_CONFIGURATION = "https://purl.imsglobal.org/spec/lti-tool-configuration"
NAME = "fer-lms"
CANVAS = "https://canvas.instructure.com/lti/"


@dataclass(frozen=True, slots=True)
class Addresses:
    """Ours, as an LMS must know them. `origin` is https://host, without a slash."""

    origin: str

    @property
    def login(self) -> str:
        return self.origin + reverse("lti-login")

    @property
    def launch(self) -> str:
        """The one launch, redirect and link address: which lesson is meant says the link."""
        return self.origin + reverse("lti-launch")

    @property
    def key_set(self) -> str:
        return self.origin + reverse("lti-jwks")

    @property
    def register(self) -> str:
        return self.origin + reverse("lti-register")

    @property
    def icon(self) -> str:
        return f"{self.origin}/static/dist/icon.svg"

    @property
    def host(self) -> str:
        return urlsplit(self.origin).netloc


def registration_of(ours: Addresses, *, family: str = "") -> Json:
    """What dynamic registration sends. `family` is the platform's own name for its kind."""
    return {
        "application_type": "web",
        "client_name": NAME,
        "client_uri": ours.origin,
        "logo_uri": ours.icon,
        "initiate_login_uri": ours.login,
        "redirect_uris": [ours.launch],
        "jwks_uri": ours.key_set,
        "grant_types": ["client_credentials", "implicit"],
        "response_types": ["id_token"],
        "token_endpoint_auth_method": "private_key_jwt",
        "scope": " ".join(SCOPES),
        TOOL_CONFIGURATION: _tool_configuration(ours, is_canvas=family == "canvas"),
    }


def _tool_configuration(ours: Addresses, *, is_canvas: bool) -> Json:
    choose: Json = {
        "type": DEEP_LINKING,
        "target_link_uri": ours.launch,
        "label": gettext("Choose a lesson"),
    }
    configuration: Json = {
        "domain": ours.host,
        "target_link_uri": ours.launch,
        "description": _purpose(),
        "claims": list(CLAIMS),
        "messages": [choose],
    }
    if is_canvas:
        # Canvas puts a message that names no placement under "link_selection", and of two for one
        # placement takes the first. It opens links at `target_link_uri` without being told.
        choose["placements"] = ["link_selection", "editor_button"]
        configuration[f"{CANVAS}privacy_level"] = "name_only"
        configuration[f"{CANVAS}tool_id"] = NAME
    else:  # Canvas refuses a registration with a message that it does not know
        opened = {"type": RESOURCE_LINK, "target_link_uri": ours.launch, "label": NAME}
        private = {"type": DATA_PRIVACY, "target_link_uri": ours.launch}
        configuration["messages"] = [opened, choose, private]
    return configuration


def canvas_configuration(ours: Addresses) -> Json:
    """What a Canvas administrator pastes as JSON, where no registration address is used."""
    placements = [
        {
            "placement": name,
            "enabled": True,
            "message_type": DEEP_LINKING,
            "target_link_uri": ours.launch,
            "text": NAME,
        }
        for name in ("link_selection", "editor_button")
    ]
    return {
        "title": NAME,
        "description": _purpose(),
        "target_link_uri": ours.launch,
        "oidc_initiation_url": ours.login,
        "public_jwk_url": ours.key_set,
        "scopes": list(SCOPES),
        "extensions": [
            {
                "domain": ours.host,
                "tool_id": NAME,
                "platform": "canvas.instructure.com",
                "privacy_level": "name_only",
                "settings": {"placements": placements},
            }
        ],
    }


def _purpose() -> str:
    return gettext("Lessons that notice when a step is hard, and offer help. It sends no grades.")
