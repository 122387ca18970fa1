"""Leave to ask a platform's services: client credentials with an assertion signed by us."""

import secrets
import time
from urllib.parse import urlencode

from fer_lms.lti.models import Platform
from fer_lms.lti.protocol.outbound import AnswerRefused, Limits, fetch
from fer_lms.lti.protocol.tool_keys import signed
from fer_lms.lti.registration.description import SCOPES

ASSERTION_LASTS = 60
LIMITS = Limits(total_seconds=10.0, most_bytes=64 * 1024)
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LONGEST_TOKEN = 16 * 1024


def access_token(platform: Platform) -> str:
    """A token that lets us read who is in a course, and nothing else. Raises OutboundError."""
    now = int(time.time())
    assertion = signed(
        {
            "iss": platform.client_id,
            "sub": platform.client_id,
            "aud": platform.token_audience or platform.auth_token_url,
            "iat": now,
            "exp": now + ASSERTION_LASTS,
            "jti": secrets.token_urlsafe(24),
        }
    )
    asked = {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": assertion,
        "scope": " ".join(SCOPES),
    }
    answer = fetch(
        platform.auth_token_url,
        local=platform.local,
        method="POST",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
        body=urlencode(asked).encode(),
        limits=LIMITS,
    ).json()
    token = answer.get("access_token") if isinstance(answer, dict) else None
    if not isinstance(token, str) or not 1 <= len(token) <= LONGEST_TOKEN:
        raise AnswerRefused("no_access_token")
    if not token.isascii() or not token.isprintable():
        raise AnswerRefused("no_access_token")
    return token
