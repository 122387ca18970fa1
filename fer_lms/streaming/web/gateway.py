"""What all sockets of one web process share: Redis, the flow of frames out and of outcomes back.

Frames of many connections go to Redis in one round trip; outcomes come back in batches; once a
second every connection's counts are acknowledged and appended to the observation log. One
gateway lives in each event loop, started by the first socket. It never waits for a socket, and a
connection that fails costs the others nothing.
"""

import asyncio
import contextlib
import os
import time
import uuid
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import structlog
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import DatabaseError
from redis.exceptions import NoScriptError, RedisError

from fer_lms.engagement.observations import Feed, Observation
from fer_lms.streaming.web import metrics
from fer_lms.streaming.web.heartbeat import Pulse
from fer_lms.streaming.web.hint_delivery import HintDelivery
from fer_lms.streaming.web.pacing import RateGovernor
from fer_lms.streaming.web.permits import read_permits_async
from fer_lms.streaming.wire.observation_log import MAX_ENTRIES, STREAM, pack_entry
from fer_lms.streaming.wire.outcomes import outcomes_key, unpack_outcomes
from fer_lms.streaming.wire.redis_roles import async_client
from fer_lms.streaming.wire.slots import (
    KEEP_PROGRESS,
    PUT,
    READY,
    TAKE_BACK,
    WAKE,
    Progress,
    SlotFrame,
    owner_key,
    progress_key,
    seq_of_meta,
    slot_key,
)
from fer_lms.streaming.worker.tasks import drain_frames

if TYPE_CHECKING:
    from fer_lms.streaming.web.connection import Connection

log = structlog.get_logger(__name__)

TICK_SECONDS = 0.5
REFRESH_SECONDS = 0.4
GOVERN_SECONDS = 2.0
UNREAD_MS = 2_000
"""A frame that no worker has claimed after this long is taken back: nobody waits for it."""
SILENT_MS = 10_000
PUTS_AT_ONCE = 64
REST_SECONDS = 0.008
"""Between two round trips for frames, and between two for outcomes: the first of a burst goes at
once, what comes meanwhile goes together. A round trip costs as much as handling the frame."""


def now_ms() -> int:
    return time.time_ns() // 1_000_000


class Gateway:
    def __init__(self) -> None:
        self.web = os.urandom(8)
        self.frames = async_client(settings.FRAMES_REDIS_URL)
        self.broker = async_client(settings.BROKER_REDIS_URL)
        self.connections: dict[bytes, Connection] = {}
        self._puts: asyncio.Queue[tuple[Connection, SlotFrame]] = asyncio.Queue()
        self._observations: list[Observation] = []
        self._asked: list[asyncio.Future[None]] = []
        self._wake_refresh = asyncio.Event()
        self._left: list[Connection] = []
        self.hints = HintDelivery(self.connections)
        self.governor = RateGovernor(target=settings.TARGET_FPS)
        self.accepted = 0
        self.wasted = 0
        self._put = self.frames.register_script(PUT)
        self._take_back = self.frames.register_script(TAKE_BACK)
        self._keep_progress = self.frames.register_script(KEEP_PROGRESS)
        self._pulse = Pulse()
        self._tasks = [
            asyncio.create_task(self._forever(step), name=step.__name__)
            for step in (
                self._store_frames,
                self._read_outcomes,
                self._tick,
                self._expire,
                self._read_permits,
                self._govern,
                self.hints.look,
            )
        ]
        self._ticks: set[asyncio.Task[None]] = set()

    def submit(self, connection: "Connection", frame: SlotFrame) -> None:
        self.accepted += 1
        self._puts.put_nowait((connection, frame))

    def observe(self, observation: Observation) -> None:
        """A reading made on the device goes straight to the observation log."""
        self._observations.append(observation)

    async def refresh(self) -> None:
        """Have all permits read again now; returns when they are. Raises DatabaseError."""
        asked: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._asked.append(asked)
        self._wake_refresh.set()
        await asked

    async def keep_progress(self, connection: "Connection", progress: Progress) -> bool:
        """Remember how far scores have come; False where a newer connection has taken over."""
        participant = connection.participant_id
        keys = [owner_key(participant, connection.mode), progress_key(participant)]
        return bool(await self._keep_progress(keys=keys, args=[connection.id, progress.packed()]))

    def stuck(self) -> list[str]:
        """Steps that hang or fail again and again, and those that ended."""
        ended = [task.get_name() for task in self._tasks if task.done()]
        return sorted({*self._pulse.stuck(), *ended})

    async def take_back(self, connection: "Connection", seq: int, reason: str) -> None:
        """Remove a frame that no worker has claimed; what is already claimed stays in flight."""
        frame = connection.ledger.in_flight[seq]
        frame.taken_back = True
        participant = connection.participant_id
        taken = await self._take_back(
            keys=[slot_key(participant), READY], args=[frame.meta, participant.bytes]
        )
        if taken:
            self.wasted += 1
            connection.ledger.overwritten(seq, reason)

    async def _forever(self, step: Any) -> None:
        """Run a step again and again; a failing Redis or database delays it, nothing more."""
        while True:
            self._pulse.begins(step.__name__)
            try:
                await step()
                self._pulse.came_round(step.__name__)
            except (RedisError, DatabaseError, OSError) as error:
                metrics.GATEWAY_ERRORS.labels(step=step.__name__).inc()
                log.warning("gateway_retry", step=step.__name__, error=type(error).__name__)
                await asyncio.sleep(0.5)
            except Exception:  # a fault in one step must not end the sockets of a whole process
                metrics.GATEWAY_ERRORS.labels(step=step.__name__).inc()
                log.exception("gateway_failed", step=step.__name__)
                await asyncio.sleep(0.5)

    # --- frames out --------------------------------------------------------------------------

    async def _store_frames(self) -> None:
        self._pulse.came_round("_store_frames")  # to wait for a frame is no work
        batch = [await self._puts.get()]
        self._pulse.begins("_store_frames")
        while len(batch) < PUTS_AT_ONCE and not self._puts.empty():
            batch.append(self._puts.get_nowait())
        try:
            answers = await self._run_puts(batch)
        except Exception:  # whatever it is, these frames are gone and their senders are told
            for connection, frame in batch:
                connection.ledger.give_up(frame.seq)
                connection.fail_busy()
            raise
        for (connection, frame), answer in zip(batch, answers, strict=True):
            self._stored(connection, frame, answer)
        await asyncio.sleep(REST_SECONDS)

    async def _run_puts(self, batch: list[tuple["Connection", SlotFrame]]) -> list[Any]:
        try:
            answers: list[Any] = await self._puts_of(batch).execute()
        except NoScriptError:  # the first frame, or Redis came back empty: nothing was stored
            await self.frames.script_load(PUT)
            answers = await self._puts_of(batch).execute()
        return answers

    def _puts_of(self, batch: list[tuple["Connection", SlotFrame]]) -> Any:
        """One round trip; a pipeline of Script objects would first ask whether Redis has them."""
        pipe: Any = self.frames.pipeline(transaction=False)
        for connection, frame in batch:
            participant = frame.participant_id
            keys = (
                slot_key(participant),
                READY,
                WAKE,
                owner_key(participant, "frames"),
                progress_key(participant),
            )
            pipe.evalsha(
                self._put.sha,
                len(keys),
                *keys,
                frame.packed(),
                participant.bytes,
                connection.id,
                settings.DRAINS,
                frame.received_ms,
                Progress(frame.seq + 1, (frame.window, frame.step)).packed(),
            )
        return pipe

    def _stored(self, connection: "Connection", frame: SlotFrame, answer: Any) -> None:
        replaced, old_meta, lane = answer
        if replaced:
            connection.ledger.overwritten(frame.seq, "superseded")
            connection.replaced()
            return
        if old_meta:
            self.wasted += 1
            connection.ledger.overwritten(seq_of_meta(old_meta), "superseded")
        if lane >= 0:
            task = asyncio.create_task(self._send_tick(lane))
            self._ticks.add(task)
            task.add_done_callback(self._ticks.discard)

    async def _send_tick(self, lane: int) -> None:
        try:
            await sync_to_async(drain_frames.apply_async, thread_sensitive=False)(
                args=(lane,), expires=5, retry=False
            )
        except Exception as error:  # whatever the broker's transport raises
            # The lane's lease runs out in two seconds, and the next frame ticks again.
            log.warning("tick_not_sent", lane=lane, error=type(error).__name__)

    # --- outcomes back -----------------------------------------------------------------------

    async def _read_outcomes(self) -> None:
        redis: Any = self.frames  # its stubs know neither bytes as keys nor awaitable answers
        popped = await redis.blmpop(2, 1, outcomes_key(self.web), direction="LEFT", count=100)
        for packed in popped[1] if popped else ():
            for outcome in unpack_outcomes(packed):
                connection = self.connections.get(outcome.connection)
                if connection is not None:
                    with self._costs_nobody_else(connection):
                        connection.resolved(outcome)
        await asyncio.sleep(REST_SECONDS)

    # --- every half second -------------------------------------------------------------------

    async def _tick(self) -> None:
        await asyncio.sleep(TICK_SECONDS)
        for connection in list(self.connections.values()):
            with self._costs_nobody_else(connection):
                connection.tick()
        left, self._left = self._left, []
        try:
            await self._append_feeds([*self.connections.values(), *left])
        except (RedisError, OSError):
            self._left += left
            raise

    async def _expire(self) -> None:
        await asyncio.sleep(TICK_SECONDS)
        for connection in list(self.connections.values()):
            await self._give_up_old_frames(connection)

    async def _govern(self) -> None:
        """Where frames go to waste, ask everybody for fewer; ask for more again when none do."""
        await asyncio.sleep(GOVERN_SECONDS)
        if self.governor.update(self.accepted, self.wasted):
            for connection in list(self.connections.values()):
                if connection.welcomed:
                    connection.tell("rate", target_fps=self.governor.target)

    async def _read_permits(self) -> None:
        """Read what all connected participants permit: one query, whoever asked for it."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._wake_refresh.wait(), REFRESH_SECONDS)
        self._wake_refresh.clear()
        asked, self._asked = self._asked, []
        try:
            await self._tell_permits(list(self.connections.values()))
        except Exception as error:  # whatever it is, those who asked wait no longer
            for future in asked:
                if not future.done():
                    future.set_exception(error)
            raise
        for future in asked:
            if not future.done():
                future.set_result(None)

    async def _tell_permits(self, connections: list["Connection"]) -> None:
        if not connections:
            return
        permits = await read_permits_async({each.participant_id for each in connections})
        for connection in connections:
            with self._costs_nobody_else(connection):
                await connection.permitted(permits.get(connection.participant_id))

    @contextlib.contextmanager
    def _costs_nobody_else(self, connection: "Connection") -> Iterator[None]:
        """A fault in what is done for one connection ends that connection alone."""
        try:
            yield
        except Exception:  # any fault of ours: the other learners of this process go on
            log.exception("connection_failed")
            connection.drop()

    async def _give_up_old_frames(self, connection: "Connection") -> None:
        now = now_ms()
        for seq, frame in list(connection.ledger.in_flight.items()):
            if now - frame.sent_ms > SILENT_MS:
                connection.ledger.give_up(seq)
            elif now - frame.sent_ms > UNREAD_MS and not frame.taken_back:
                await self.take_back(connection, seq, "expired")

    async def _append_feeds(self, connections: list["Connection"]) -> None:
        """Append changed counts to the observation log; what is not stored is sent again."""
        feeds: list[Feed] = []
        sent: list[tuple[Connection, list[int]]] = []
        for connection in connections:
            changed = connection.changed_feeds()
            feeds += changed
            sent.append((connection, [feed.window for feed in changed]))
        observations, self._observations = self._observations, []
        if not feeds and not observations:
            return
        try:
            await self._append(observations, feeds)
        except (RedisError, OSError):
            self._observations = observations + self._observations
            for connection, windows in sent:
                connection.ledger.remember_feeds(windows)
            raise

    async def _append(self, observations: list[Observation], feeds: list[Feed]) -> None:
        entry: Any = pack_entry(observations, feeds)
        await self.broker.xadd(STREAM, entry, maxlen=MAX_ENTRIES, approximate=True)

    def leave(self, connection: "Connection") -> None:
        """A socket closed: its last counts go with the next ones."""
        if self.connections.pop(connection.id, None) is not None:
            self._left.append(connection)

    def others_of(self, participant_id: uuid.UUID, kind: str) -> list["Connection"]:
        return [
            other
            for other in self.connections.values()
            if other.participant_id == participant_id and other.kind == kind
        ]


def stuck_steps() -> list[str]:
    """Of the gateways of this process that serve now. For /readyz, in a thread of its own."""
    return [
        step for loop, each in list(_gateways.items()) if loop.is_running() for step in each.stuck()
    ]


_gateways: dict[asyncio.AbstractEventLoop, Gateway] = {}


def gateway() -> Gateway:
    """The gateway of the running event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _gateways:
        _gateways[loop] = Gateway()
    return _gateways[loop]
