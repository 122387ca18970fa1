"""Headers that only a proxy adds.

Each proxy has names of its own, so that most are known by their parts.
"""

import re

PROXY_HEADERS = frozenset(
    {
        *("via", "client-ip", "cdn-loop", "x-varnish", "x-request-start", "x-amzn-trace-id"),
        *("x-scheme", "x-url-scheme", "x-coming-from", "x-host", "front-end-https"),
        *("x-rewrite-url", "max-forwards", "x-arr-ssl", "x-arr-log-id", "x-https", "x-ssl"),
    }
)
PARTS = re.compile(
    r"forwarded|real-?ip|proxy|original|(client|remote|connecting|connection|cluster|user)-(ip|addr)"
)
PREFIXES = (
    "cf-",
    "x-appengine",
    "x-azure",
    "x-envoy",
    "x-amz-cf",
    "x-akamai",
    "x-vercel",
    "fastly-",
)


def is_proxy_header(name: str) -> bool:
    name = name.lower().replace("_", "-")
    is_known = name in PROXY_HEADERS or name.startswith(PREFIXES)
    return is_known or PARTS.search(name) is not None
