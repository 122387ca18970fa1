"""Which headers show that a request came through a proxy."""

import pytest

from fer_lms.proxy_headers import is_proxy_header

OF_PROXIES = [
    "Forwarded",
    "Via",
    "Forwarded-For",
    "X-Forwarded-For",
    "X-Forwarded-Proto",
    "X-Forwarded-Host",
    "X-Forwarded-Prefix",
    "X-Forwarded-Client-Cert",
    "X-Original-Forwarded-For",
    "X-Original-For",
    "X-Original-URL",
    "X-Original-Host",
    "X-Rewrite-URL",
    "X-Real-IP",
    "X-RealIP",
    "True-Client-IP",
    "X-Client-IP",
    "Client-IP",
    "X-Cluster-Client-IP",
    "X-Remote-IP",
    "X-Remote-Addr",
    "WL-Proxy-Client-IP",
    "Proxy-Client-IP",
    "Ali-CDN-Real-IP",
    "Fly-Client-IP",
    "DO-Connecting-IP",
    "CF-Connecting-IP",
    "CF-Ray",
    "CDN-Loop",
    "Incap-Client-IP",
    "X-NF-Client-Connection-IP",
    "X-Akamai-Edgescape",
    "X-Amz-Cf-Id",
    "X-Amzn-Trace-Id",
    "X-AppEngine-User-IP",
    "X-Azure-ClientIP",
    "X-ARR-LOG-ID",
    "X-Envoy-External-Address",
    "X-ProxyUser-IP",
    "X-Nginx-Proxy",
    "X-Varnish",
    "X-Vercel-Forwarded-For",
    "Fastly-FF",
    "X-Scheme",
    "Front-End-Https",
    "X_Forwarded_For",
]
OF_CLIENTS = [
    "Host",
    "User-Agent",
    "Accept",
    "Accept-Language",
    "Accept-Encoding",
    "Connection",
    "Cookie",
    "Origin",
    "Referer",
    "Content-Type",
    "Content-Length",
    "Upgrade",
    "Upgrade-Insecure-Requests",
    "Sec-WebSocket-Key",
    "Sec-WebSocket-Protocol",
    "Sec-Fetch-Site",
    "Sec-CH-UA",
    "X-CSRFToken",
    "X-Requested-With",
    "Authorization",
    "Cache-Control",
    "Pragma",
    "Priority",
    "DNT",
    "Range",
    "Idempotency-Key",
    "X-Prometheus-Scrape-Timeout-Seconds",
    "If-None-Match",
]


@pytest.mark.parametrize("name", OF_PROXIES)
def test_headers_of_proxies_are_known(name: str) -> None:
    assert is_proxy_header(name)
    assert is_proxy_header(name.lower())


@pytest.mark.parametrize("name", OF_CLIENTS)
def test_headers_of_browsers_and_scrapers_are_none_of_a_proxy(name: str) -> None:
    assert not is_proxy_header(name)
