"""Access tokens for LTI Advantage services (IMS Security Framework 1.0, section 4.1)."""

import secrets
import time
from urllib.parse import urlencode

from fer_lms.lti.models import Platform
from fer_lms.lti.protocol.tool_keys import sign_jwt
from fer_lms.lti.registration.tool_configuration import SCOPES
from fer_lms.outbound import Limits, ResponseRefused, fetch

ASSERTION_LIFETIME_S = 60
LIMITS = Limits(total_timeout_s=10.0, max_bytes=64 * 1024)
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
MAX_TOKEN_LENGTH = 16 * 1024


def request_access_token(platform: Platform) -> str:
    """Request a token to read course memberships (OAuth 2.0 client credentials, RFC 7523).

    Raises:
        OutboundError: The platform cannot be reached or returns no token.
    """
    now = int(time.time())
    assertion = sign_jwt(
        {
            "iss": platform.client_id,
            "sub": platform.client_id,
            "aud": platform.token_audience or platform.auth_token_url,
            "iat": now,
            "exp": now + ASSERTION_LIFETIME_S,
            "jti": secrets.token_urlsafe(24),
        }
    )
    parameters = {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": assertion,
        "scope": " ".join(SCOPES),
    }
    response = fetch(
        platform.auth_token_url,
        local=platform.local,
        method="POST",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
        body=urlencode(parameters).encode(),
        limits=LIMITS,
    ).json()
    token = response.get("access_token") if isinstance(response, dict) else None
    if not isinstance(token, str) or not 1 <= len(token) <= MAX_TOKEN_LENGTH:
        raise ResponseRefused("no_access_token")
    if not token.isascii() or not token.isprintable():
        raise ResponseRefused("no_access_token")
    return token
