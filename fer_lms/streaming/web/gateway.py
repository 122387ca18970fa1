"""The gateway: background tasks that all sockets of one web process share.

Frames of many connections go to Redis in one round trip, and outcomes come back in batches. Twice
a second the counts of every connection are acknowledged and appended to the observation log. There
is one gateway in each event loop, created by the first socket. It never waits for a socket, and an
error in one connection does not affect the others.
"""

import asyncio
import contextlib
import itertools
import os
import uuid
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import structlog
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import DatabaseError
from redis.exceptions import RedisError

from fer_lms.engagement.observations import Feed, Observation
from fer_lms.streaming.web import metrics
from fer_lms.streaming.web.clock import now_ms
from fer_lms.streaming.web.connection import Connection
from fer_lms.streaming.web.hint_delivery import HintDelivery
from fer_lms.streaming.web.pacing import RateController
from fer_lms.streaming.web.permits import read_permits_async
from fer_lms.streaming.web.slot_writer import PutResult, SlotWriter
from fer_lms.streaming.web.watchdog import Watchdog
from fer_lms.streaming.wire.observation_log import MAX_ENTRIES, STREAM, pack_entry
from fer_lms.streaming.wire.outcomes import build_outcomes_key, unpack_outcomes
from fer_lms.streaming.wire.redis_roles import create_async_client
from fer_lms.streaming.wire.slots import Progress, SlotFrame, unpack_seq
from fer_lms.streaming.worker.tasks import drain_frames

log = structlog.get_logger(__name__)

ACK_INTERVAL_S = 0.5
PERMIT_INTERVAL_S = 0.4
RATE_INTERVAL_S = 2.0
RETRY_DELAY_S = 0.5
MAX_UNREAD_MS = 2_000
"""A frame that no worker has claimed for this long is cancelled."""
MAX_IN_FLIGHT_MS = 10_000
"""A claimed frame without an outcome for this long counts as lost."""
MAX_BATCH_FRAMES = 64
MAX_WAITING_OBSERVATIONS = 10_000
"""Readings of learners' devices while the broker is absent; the oldest are dropped."""
MAX_CLOSED_CONNECTIONS = 1_000
"""Closed sockets whose last counts are not stored yet, while the broker is absent."""
BATCH_INTERVAL_S = 0.008
"""Pause between two round trips for frames, and between two for outcomes. The first frame of a
burst is sent at once, the following ones together: a round trip costs as much as a frame."""


class Gateway:
    """The connections of one event loop, and the background tasks that serve them."""

    def __init__(self) -> None:
        self.web_id = os.urandom(8)
        self.frames = create_async_client(settings.FRAMES_REDIS_URL)
        self.broker = create_async_client(settings.BROKER_REDIS_URL)
        self.connections: dict[bytes, Connection] = {}
        self.hints = HintDelivery(self.connections)
        self._slots = SlotWriter(self.frames)
        self._waiting_frames: dict[uuid.UUID, tuple[Connection, SlotFrame]] = {}
        self._has_frames = asyncio.Event()
        self._observations: list[Observation] = []
        self._closed_connections: list[Connection] = []
        self._permit_waiters: list[asyncio.Future[None]] = []
        self._permits_requested = asyncio.Event()
        self._rate = RateController(target=settings.TARGET_FPS)
        self._accepted = 0
        self._discarded = 0
        self._watchdog = Watchdog()
        self._tasks = [
            asyncio.create_task(self._repeat(step), name=step.__name__)
            for step in (
                self._store_frames,
                self._read_outcomes,
                self._acknowledge,
                self._expire_frames,
                self._read_permits,
                self._control_rate,
                self.hints.deliver_pending,
            )
        ]
        self._notifications: set[asyncio.Task[None]] = set()

    @property
    def target_fps(self) -> float:
        return self._rate.target

    def submit_frame(self, connection: Connection, frame: SlotFrame) -> None:
        """Queue a frame; it replaces one of the same participant that Redis has not taken yet."""
        self._accepted += 1
        if frame.participant_id in self._waiting_frames:
            sender, older = self._waiting_frames[frame.participant_id]
            self._discarded += 1
            sender.counts.mark_lost(older.seq, "superseded")
        self._waiting_frames[frame.participant_id] = (connection, frame)
        self._has_frames.set()

    def append_observation(self, observation: Observation) -> None:
        """Append a reading of the learner's own device to the observation log."""
        self._observations.append(observation)
        del self._observations[:-MAX_WAITING_OBSERVATIONS]

    async def refresh_permits(self) -> None:
        """Read all permits again and wait until it is done. Raises DatabaseError."""
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._permit_waiters.append(waiter)
        self._permits_requested.set()
        await waiter

    async def save_progress(self, connection: Connection, progress: Progress) -> bool:
        """Store the position of the last scores; False if a newer connection has taken over."""
        return await self._slots.save_progress(
            connection.participant_id, connection.mode, connection.id, progress
        )

    async def cancel_frame(self, connection: Connection, seq: int) -> None:
        """Remove a frame that no worker has claimed; a claimed frame stays in flight."""
        frame = connection.counts.in_flight[seq]
        frame.is_cancelled = True
        if await self._slots.cancel(connection.participant_id, frame.meta):
            self._discarded += 1
            connection.counts.mark_lost(seq, "expired")

    def list_connections(self, participant_id: uuid.UUID, kind: str) -> list[Connection]:
        return [
            connection
            for connection in self.connections.values()
            if connection.participant_id == participant_id and connection.kind == kind
        ]

    def remove(self, connection: Connection) -> None:
        """Remove a connection whose socket is closed; its last counts are still appended."""
        if self.connections.pop(connection.id, None) is not None:
            self._closed_connections.append(connection)
            del self._closed_connections[:-MAX_CLOSED_CONNECTIONS]

    def list_stuck_tasks(self) -> list[str]:
        """List the background tasks that hang, fail repeatedly, or ended."""
        ended = [task.get_name() for task in self._tasks if task.done()]
        return sorted({*self._watchdog.list_stuck_tasks(), *ended})

    async def _repeat(self, step: Callable[[], Awaitable[None]]) -> None:
        """Run a step of a background task repeatedly; an error only delays the next run."""
        name = step.__name__
        while True:
            self._watchdog.start(name)
            try:
                await step()
                self._watchdog.stop(name)
            except Exception as error:  # must not end the sockets of the process
                metrics.GATEWAY_ERRORS.labels(step=name).inc()
                if isinstance(error, (RedisError, DatabaseError, OSError)):
                    log.warning("gateway_retry", step=name, error=type(error).__name__)
                else:
                    log.exception("gateway_failed", step=name)
                await asyncio.sleep(RETRY_DELAY_S)

    @contextlib.contextmanager
    def _isolate(self, connection: Connection) -> Iterator[None]:
        """Abort one connection on any error in its handling; the others continue."""
        try:
            yield
        except Exception:
            log.exception("connection_failed")
            connection.abort()

    # --- Frames to the workers, outcomes back ------------------------------------------------

    async def _store_frames(self) -> None:
        self._watchdog.stop("_store_frames")  # a wait for a frame is not a hang
        await self._has_frames.wait()
        self._watchdog.start("_store_frames")
        batch = self._pop_waiting_frames()
        try:
            results = await self._slots.put([frame for _, frame in batch])
        except Exception:  # the frames are lost, whatever the error
            for connection, frame in batch:
                connection.counts.mark_lost_in_flight(frame.seq)
                connection.close_busy()
            raise
        for (connection, frame), result in zip(batch, results, strict=True):
            self._handle_put_result(connection, frame, result)
        await asyncio.sleep(BATCH_INTERVAL_S)

    def _pop_waiting_frames(self) -> list[tuple[Connection, SlotFrame]]:
        participant_ids = list(itertools.islice(self._waiting_frames, MAX_BATCH_FRAMES))
        batch = [self._waiting_frames.pop(participant_id) for participant_id in participant_ids]
        if not self._waiting_frames:
            self._has_frames.clear()
        return batch

    def _handle_put_result(
        self, connection: Connection, frame: SlotFrame, result: PutResult
    ) -> None:
        if result.is_replaced:
            connection.counts.mark_lost(frame.seq, "superseded")
            connection.close_replaced()
            return
        if result.old_meta:
            self._discarded += 1
            connection.counts.mark_lost(unpack_seq(result.old_meta), "superseded")
        if result.lane >= 0:
            task = asyncio.create_task(self._notify_worker(result.lane))
            self._notifications.add(task)
            task.add_done_callback(self._notifications.discard)

    async def _notify_worker(self, lane: int) -> None:
        try:
            await sync_to_async(drain_frames.apply_async, thread_sensitive=False)(
                args=(lane,), expires=5, retry=False
            )
        except Exception as error:  # depends on the broker's transport
            # The lane's lease expires in two seconds, and the next frame notifies again.
            log.warning("worker_not_notified", lane=lane, error=type(error).__name__)

    async def _read_outcomes(self) -> None:
        client: Any = self.frames  # the stubs have neither bytes keys nor awaitable results
        key = build_outcomes_key(self.web_id)
        popped = await client.blmpop(2, 1, key, direction="LEFT", count=100)
        for packed in popped[1] if popped else ():
            for outcome in unpack_outcomes(packed):
                connection = self.connections.get(outcome.connection)
                if connection is not None:
                    with self._isolate(connection):
                        connection.handle_outcome(outcome)
        await asyncio.sleep(BATCH_INTERVAL_S)

    # --- Counts and acknowledgements ---------------------------------------------------------

    async def _acknowledge(self) -> None:
        await asyncio.sleep(ACK_INTERVAL_S)
        for connection in list(self.connections.values()):
            with self._isolate(connection):
                connection.run_periodic_checks()
        closed, self._closed_connections = self._closed_connections, []
        try:
            await self._append_counts([*self.connections.values(), *closed])
        except (RedisError, OSError):
            self._closed_connections += closed
            del self._closed_connections[:-MAX_CLOSED_CONNECTIONS]
            raise

    async def _append_counts(self, connections: list[Connection]) -> None:
        """Append changed counts and observations; what is not stored is appended next time."""
        changed = {connection: connection.pop_changed_feeds() for connection in connections}
        feeds: list[Feed] = [feed for changed_feeds in changed.values() for feed in changed_feeds]
        observations, self._observations = self._observations, []
        if not feeds and not observations:
            return
        entry: Any = pack_entry(observations, feeds)
        try:
            await self.broker.xadd(STREAM, entry, maxlen=MAX_ENTRIES, approximate=True)
        except (RedisError, OSError):
            self._observations = (observations + self._observations)[-MAX_WAITING_OBSERVATIONS:]
            for connection, unsent in changed.items():
                connection.counts.mark_changed([feed.window for feed in unsent])
            raise

    async def _expire_frames(self) -> None:
        await asyncio.sleep(ACK_INTERVAL_S)
        for connection in list(self.connections.values()):
            now = now_ms()
            for seq, frame in list(connection.counts.in_flight.items()):
                if now - frame.sent_ms > MAX_IN_FLIGHT_MS:
                    connection.counts.mark_lost_in_flight(seq)
                elif now - frame.sent_ms > MAX_UNREAD_MS and not frame.is_cancelled:
                    await self.cancel_frame(connection, seq)

    async def _control_rate(self) -> None:
        await asyncio.sleep(RATE_INTERVAL_S)
        if self._rate.update(self._accepted, self._discarded):
            for connection in list(self.connections.values()):
                if connection.is_welcomed:
                    connection.send("rate", target_fps=self.target_fps)

    # --- Permits -----------------------------------------------------------------------------

    async def _read_permits(self) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._permits_requested.wait(), PERMIT_INTERVAL_S)
        self._permits_requested.clear()
        waiters, self._permit_waiters = self._permit_waiters, []
        try:
            await self._apply_permits(list(self.connections.values()))
        except Exception as error:  # raised in every waiting socket
            for waiter in waiters:
                if not waiter.done():
                    waiter.set_exception(error)
            raise
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)

    async def _apply_permits(self, connections: list[Connection]) -> None:
        if not connections:
            return
        permits = await read_permits_async({item.participant_id for item in connections})
        for connection in connections:
            with self._isolate(connection):
                await connection.apply_permit(permits.get(connection.participant_id))


_gateways: dict[asyncio.AbstractEventLoop, Gateway] = {}


def get_gateway() -> Gateway:
    """Return the gateway of the running event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _gateways:
        _gateways[loop] = Gateway()
    return _gateways[loop]


def list_stuck_tasks() -> list[str]:
    """List the stuck background tasks of all gateways of this process. Thread-safe."""
    return [
        task
        for loop, gateway in list(_gateways.items())
        if loop.is_running()
        for task in gateway.list_stuck_tasks()
    ]
