"""Headers of files that WhiteNoise hands out."""

from collections.abc import MutableMapping

WORKER_POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'"
"""A script's own policy binds it where it runs as a worker: the ones that see pictures may load
files of this installation and nothing else. WebAssembly is compiled there, never in a page."""


def add_static_headers(headers: MutableMapping[str, str], path: str, url: str) -> None:
    if url.endswith((".js", ".mjs")):
        headers["Content-Security-Policy"] = WORKER_POLICY
