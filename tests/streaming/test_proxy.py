"""The configuration of the proxy with a real web process: pages, sockets, metrics."""

import os
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import websockets

from fer_lms.lessons.models import Participant
from tests.servers import CaptureClient, IssueTicket

CADDYFILE = Path(__file__).resolve().parents[2] / "deploy" / "Caddyfile"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def proxy(web: str, tmp_path: Path) -> Iterator[str]:
    """Start Caddy with its configuration, free ports and a test certificate; yield its address."""
    caddy = shutil.which("caddy")
    if caddy is None:
        pytest.skip("caddy is not installed: the proxy was not tried")
    secure = free_port()
    text = CADDYFILE.read_text().replace("admin off", "admin off\n\tskip_install_trust", 1)
    text = re.sub(r"http_port \d+", f"http_port {free_port()}", text)
    text = re.sub(r"https_port \d+", f"https_port {secure}", text).replace("8081", str(free_port()))
    config = tmp_path / "Caddyfile"
    config.write_text(text)
    environment = os.environ | {
        "FER_DOMAIN": "localhost",
        "FER_UPSTREAM": web,
        "HOME": str(tmp_path),
        "XDG_DATA_HOME": str(tmp_path),
        "XDG_CONFIG_HOME": str(tmp_path),
    }
    command = [caddy, "run", "--config", str(config), "--adapter", "caddyfile"]
    process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    try:
        wait_for(f"https://localhost:{secure}/healthz")
        yield f"localhost:{secure}"
    finally:
        process.terminate()
        process.wait(20)


def wait_for(url: str) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            assert httpx.get(url, verify=False).status_code == 200
            return
        except httpx.TransportError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


async def test_pages_and_sockets_are_proxied_and_metrics_are_not(
    proxy: str, permitted: Participant, ticket_for: IssueTicket, face: bytes
) -> None:
    async with httpx.AsyncClient(verify=False, base_url=f"https://{proxy}") as client:
        assert (await client.get("/metrics")).status_code == 404
        assert (await client.get("/api/schema/")).status_code == 200
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    async with websockets.connect(
        f"wss://{proxy}/ws/capture/",
        ssl=context,
        origin=f"https://{proxy}",  # type: ignore[arg-type]
        subprotocols=["fer.capture.v1", f"ticket.{await ticket_for(permitted)}"],  # type: ignore[list-item]
    ) as connection:
        capture = CaptureClient(connection)
        await capture.next("welcome")
        await capture.frame(1, face)
        assert (await capture.ack_where(accepted=1))["refused"] == {}
