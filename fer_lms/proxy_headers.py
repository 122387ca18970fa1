"""Headers that only a proxy adds."""

PROXY_HEADERS = frozenset(
    {
        *("forwarded", "via", "x-real-ip", "x-client-ip", "x-cluster-client-ip", "true-client-ip"),
        *("cf-connecting-ip", "cf-ray", "fastly-client-ip", "x-original-host", "x-original-url"),
        *("x-proxyuser-ip", "x-envoy-external-address", "x-request-start", "x-amzn-trace-id"),
    }
)
PREFIXES = ("x-forwarded", "x-appengine", "x-azure")


def is_proxy_header(name: str) -> bool:
    name = name.lower()
    return name in PROXY_HEADERS or name.startswith(PREFIXES)
