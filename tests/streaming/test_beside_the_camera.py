"""A change of consents other than the camera loses no frame in the windows."""

import asyncio
from datetime import timedelta

from channels.db import database_sync_to_async as db
from django.utils import timezone

from fer_lms.consent.actions import change_grants, withdraw_consent
from fer_lms.consent.models import Consent
from fer_lms.engagement.actions import close_due_windows
from fer_lms.engagement.models import ObservationWindow
from fer_lms.lessons.models import Participant
from fer_lms.streaming.worker.drain import drain
from fer_lms.streaming.worker.tasks import write_logged_observations
from tests.servers import CaptureClient, IssueTicket, capture_socket


async def read(client: CaptureClient, seqs: range, jpeg: bytes) -> None:
    for seq in seqs:
        await client.frame(seq, jpeg)
        await asyncio.to_thread(drain, 0, max_run_s=0.3, max_idle_s=0.1)


@db
def counted() -> tuple[int, int, dict[str, int]]:
    """(accepted, processed, lost) of all windows, once they are closed."""
    write_logged_observations()
    close_due_windows(now=timezone.now() + timedelta(seconds=30))
    windows = list(ObservationWindow.objects.all())
    lost = {name: count for window in windows for name, count in window.lost.items() if count}
    return sum(w.accepted for w in windows), sum(w.processed for w in windows), lost


async def test_frames_in_flight_are_counted_once(
    web: str, permitted: Participant, ticket_for: IssueTicket, wall: bytes
) -> None:
    async with capture_socket(web, await ticket_for(permitted)) as client:
        await client.next("welcome")
        await read(client, range(1, 4), wall)
        await client.ack_where(processed=3)
        await db(change_grants)(participant=permitted, changes={"support_view": False})
        await read(client, range(4, 6), wall)
        ack = await client.ack_where(processed=5)
        assert ack["lost"] == {}
    await asyncio.sleep(1)  # the last counts of a closed socket are appended with the next ones
    assert await counted() == (5, 5, {})


async def test_frames_before_a_withdrawal_are_never_written(
    web: str, permitted: Participant, ticket_for: IssueTicket, wall: bytes
) -> None:
    async with capture_socket(web, await ticket_for(permitted)) as client:
        await client.next("welcome")
        await db(change_grants)(participant=permitted, changes={"own_view": False})
        await read(client, range(1, 3), wall)
        await client.ack_where(processed=2)
        await db(withdraw_consent)(participant=permitted)
    assert (await counted())[:2] == (0, 0)
    consent = await db(Consent.objects.get)()
    assert (consent.epoch, consent.frames_epoch, consent.erase_through_epoch) == (3, 3, 2)
