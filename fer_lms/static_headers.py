"""Headers of static files that WhiteNoise serves."""

from collections.abc import MutableMapping

WORKER_POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'"
"""Applies to scripts that run as a web worker. Workers that read frames may load files of this
installation only; WebAssembly is compiled in workers, never in a page."""


def add_static_headers(headers: MutableMapping[str, str], path: str, url: str) -> None:
    if url.endswith((".js", ".mjs")):
        headers["Content-Security-Policy"] = WORKER_POLICY
