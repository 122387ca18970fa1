"""Handshakes of every socket without a ticket and with an invalid one."""

import pytest
import websockets
from channels.db import database_sync_to_async as db
from django.conf import settings
from django.test import Client

from fer_lms.lessons.models import Participant
from fer_lms.streaming.web.routing import websocket_urlpatterns
from tests.access.matrix import SOCKETS
from tests.servers import IssueTicket

PATHS = [str(urlpattern.pattern) for urlpattern in websocket_urlpatterns]


def test_every_socket_is_in_matrix() -> None:
    assert set(PATHS) == set(SOCKETS), "say in tests/access/matrix.py who gets in without a ticket"


async def status(url: str, *protocols: str, **headers: str) -> int:
    """Return the HTTP status of the handshake; 101 if accepted."""
    try:
        async with websockets.connect(
            url,
            subprotocols=["fer.capture.v1", *protocols],  # type: ignore[list-item]
            additional_headers=headers,
        ):
            return 101
    except websockets.InvalidStatus as refusal:
        return refusal.response.status_code


@pytest.mark.parametrize("path", PATHS)
async def test_socket_needs_ticket(
    web: str, permitted: Participant, ticket_for: IssueTicket, path: str
) -> None:
    assert not SOCKETS[path]
    client = Client()
    await db(client.force_login)(permitted.user)
    signed_in = f"{settings.SESSION_COOKIE_NAME}={client.cookies['sessionid'].value}"
    url = f"ws://{web}/{path}"
    assert await status(url) == 403
    assert await status(url, Cookie=signed_in) == 403
    assert await status(url, "ticket.made-up", Cookie=signed_in) == 403
    ticket = f"ticket.{await ticket_for(permitted)}"
    assert await status(url, ticket, Origin="https://elsewhere.example") == 403
    ticket = f"ticket.{await ticket_for(permitted)}"
    assert await status(url, ticket) == 101
    assert await status(url, ticket) == 403
