"""One open socket: what it may send, what became of it, what it is told."""

import os
import uuid
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.db import DatabaseError
from redis.exceptions import RedisError

from fer_lms.engagement.observations import WINDOW_SECONDS, Feed
from fer_lms.streaming.web import metrics
from fer_lms.streaming.web.frame_counts import LATE_AFTER_MS, Ledger
from fer_lms.streaming.web.gateway import Gateway, now_ms
from fer_lms.streaming.web.hint_delivery import keep_answer
from fer_lms.streaming.web.outbox import Outbox
from fer_lms.streaming.web.pacing import FrameClock, TokenBucket
from fer_lms.streaming.web.permits import Permit
from fer_lms.streaming.web.tickets import Ticket
from fer_lms.streaming.wire import messages
from fer_lms.streaming.wire.device_scores import BadScores, observation_of_scores
from fer_lms.streaming.wire.messages import HEADER, BadMessage, encode
from fer_lms.streaming.wire.outcomes import Outcome
from fer_lms.streaming.wire.slots import Progress, SlotFrame
from inference.errors import FrameRejected
from inference.imaging.frames import FrameLimits, check_jpeg

IDLE_MS = 120_000
REFUSED_ANSWERS = {
    "unknown_hint": "No such hint was shown.",
    "unfitting_answer": "That is no answer to this hint.",
}


class Connection:
    """Nothing here waits for the page: what it is told goes through its outbox."""

    def __init__(
        self, ticket: Ticket, gateway: Gateway, outbox: Outbox, drop: Callable[[], None]
    ) -> None:
        self.id = os.urandom(8)
        self.participant_id = ticket.participant
        self.session_id = uuid.UUID(ticket.session_id)
        self.mode = ticket.mode
        self.kind = "lesson" if ticket.mode == "lesson" else "capture"
        self.preset = ticket.preset
        self.ledger = Ledger()
        self.gateway = gateway
        self.permit: Permit | None = None
        self.welcomed = False
        self.closed = False
        self.hints_told: set[int] = set()
        self.outbox = outbox
        self.drop = drop
        """Ends this socket without a word: where words get through no more, or a fault is ours."""
        self._next_seq = 1
        self._show_readings = True
        self._started_ms = self._heard_ms = self._ticked_ms = now_ms()
        self._clock = FrameClock(self._started_ms)
        self._bucket = self._new_bucket()
        self._limits = FrameLimits(max_bytes=settings.MAX_FRAME_BYTES)
        self._away: dict[str, bool] = {"paused_ms": False, "hidden_ms": False}

    def _new_bucket(self) -> TokenBucket:
        return TokenBucket(rate=settings.MAX_FPS, burst=2 * settings.MAX_FPS, now_ms=now_ms())

    # --- opening -----------------------------------------------------------------------------

    def welcome(self, progress: Progress) -> None:
        """Say hello, from now on frames count. The permit must have been read."""
        self._next_seq = max(progress.next_seq, self._next_seq)
        self.ledger.last_seq = self._next_seq - 1
        self._started_ms = now_ms()
        self._clock = FrameClock(self._started_ms, progress.last)
        self.welcomed = True
        self.tell(
            "welcome",
            session_id=str(self.session_id),
            participant_id=str(self.participant_id),
            consent_epoch=self.permit.epoch if self.permit else 0,
            next_seq=self._next_seq,
            target_fps=self.gateway.governor.target,
            max_frame_bytes=settings.MAX_FRAME_BYTES,
            server_ms=self._started_ms,
        )

    # --- what comes in -----------------------------------------------------------------------

    def binary(self, data: bytes) -> None:
        self._heard_ms = now = now_ms()
        if len(data) > settings.MAX_FRAME_BYTES + HEADER.size:
            self._refuse("bad_jpeg", now)
            self.fail(messages.CLOSE_TOO_LARGE, "too_large", "The frame is too large.")
            return
        if refusal := self._take_frame(data, now):
            self._refuse(refusal, now)
            self._close_where_too_fast()

    def _close_where_too_fast(self) -> None:
        if self._bucket.exhausted:
            self.fail(messages.CLOSE_TOO_FAST, "too_fast", "Frames come too fast for too long.")

    def _take_frame(self, data: bytes, now: int) -> str | None:
        """Accept one frame, or say why not. Neither pixels nor the database are touched."""
        header = messages.parse_header(data)
        if header is None:
            return "bad_header"
        if refusal := self._check_turn(header.seq, "frames", now):
            return refusal
        jpeg = data[HEADER.size :]
        try:
            check_jpeg(jpeg, self._limits)
        except FrameRejected:
            return "bad_jpeg"
        placed = self._clock.place(header.captured_ms, now)
        if placed is None:
            return "rate_limited"
        window, step = placed
        metrics.FRAMES_ACCEPTED.inc()
        if now - window * WINDOW_SECONDS * 1000 > LATE_AFTER_MS:
            self.ledger.accept_late(now)
            return None
        frame = self._slot_frame(header.seq, window, step, jpeg, now)
        self.ledger.accept(header.seq, window, frame.meta(), now)
        self.gateway.submit(self, frame)
        return None

    def _check_turn(self, seq: int, mode: str, now: int) -> str | None:
        """Rules that frames and scores share: order, permission, pace."""
        if seq < self._next_seq:
            return "bad_seq"
        self._next_seq = seq + 1
        self.ledger.last_seq = seq
        if not self._may_send(mode, now):
            return "not_permitted"
        return None if self._bucket.take(now) else "rate_limited"

    def _may_send(self, mode: str, now: int) -> bool:
        permit = self.permit
        return (
            self.welcomed
            and not self.closed
            and self.mode == mode
            and permit is not None
            and permit.is_fresh(now)
            and permit.allows(mode)
        )

    def _slot_frame(self, seq: int, window: int, step: int, jpeg: bytes, now: int) -> SlotFrame:
        assert self.permit is not None  # noqa: S101 - _may_send has looked
        return SlotFrame(
            participant_id=self.participant_id,
            window=window,
            step=step,
            epoch=self.permit.frames_epoch,
            seq=seq,
            received_ms=now,
            connection=self.id,
            web=self.gateway.web,
            preset=self.preset,
            jpeg=jpeg,
        )

    def _refuse(self, reason: str, now: int) -> None:
        metrics.FRAMES_REFUSED.labels(reason=reason).inc()
        self.ledger.refuse(reason, now)

    async def text(self, text: str) -> None:
        self._heard_ms = now = now_ms()
        try:
            message = messages.parse_text(text)
        except BadMessage as error:
            self.tell("error", reason="bad_message", detail=str(error))
            return
        match message:
            case {"type": "pause"}:
                self._set_away("paused_ms", True, now)
            case {"type": "resume"}:
                self._set_away("paused_ms", False, now)
            case {"type": "visibility", "visible": bool(visible)}:
                self._set_away("hidden_ms", not visible, now)
            case {"type": "show_readings", "on": bool(on)}:
                self._show_readings = on
            case {"type": "ping", "t": dict() | list()}:
                self.tell("error", reason="bad_message", detail="t is no number and no word.")
            case {"type": "ping"}:
                self.tell("pong", t=message.get("t"))
            case {"type": "client_drops"}:
                self._count_drops(message)
            case {"type": "scores"}:
                await self._take_scores(message, now)
            case {"type": "hint_response", "hint_id": int(hint_id), "answer": str(answer)}:
                await self._keep_answer(hint_id, answer)
            case {"type": "hint_response"}:
                self.tell("error", reason="unknown_hint", detail="No such hint was shown.")
            case _:
                self.tell("error", reason="bad_message", detail="Unknown type or fields.")

    async def _keep_answer(self, hint_id: int, answer: str) -> None:
        try:
            refused = await keep_answer(self.participant_id, hint_id, answer)
        except DatabaseError:
            self.fail_busy()  # the page keeps its answer, and sends it when it is back
            return
        if refused:
            self.tell("error", reason=refused, detail=REFUSED_ANSWERS[refused])

    async def _take_scores(self, message: dict[str, Any], now: int) -> None:
        """Scores made on the learner's device stand in for a frame."""
        try:
            scores = observation_of_scores(message, self.preset)
        except BadScores:
            self._refuse("bad_header", now)
            return
        refusal = self._check_turn(scores.seq, "scores", now)
        placed = None if refusal else self._clock.place(scores.captured_ms, now)
        if placed is None or self.permit is None:
            self._refuse(refusal or "rate_limited", now)
            self._close_where_too_fast()
            return
        if not await self._keep_progress(Progress(scores.seq + 1, placed), now):
            return
        metrics.FRAMES_ACCEPTED.inc()
        window, step = placed
        if now - window * WINDOW_SECONDS * 1000 > LATE_AFTER_MS:
            self.ledger.accept_late(now)
            return
        self.ledger.accept_scores(window)
        metrics.FRAMES_RESOLVED.labels(fate="processed").inc()
        self.gateway.observe(
            scores.observation(self.participant_id, window, step, epoch=self.permit.frames_epoch)
        )
        if self._readings_wanted:
            self.tell("reading", **scores.outcome(self.id).reading())

    async def _keep_progress(self, progress: Progress, now: int) -> bool:
        """Whether this connection may go on; what comes after it will begin where it stopped."""
        closes = self.replaced
        try:
            if await self.gateway.keep_progress(self, progress):
                return True
        except (RedisError, OSError):
            closes = self.fail_busy
        self._refuse("not_permitted", now)
        closes()
        return False

    def _count_drops(self, message: dict[str, Any]) -> None:
        for reason in ("busy", "hidden"):
            count = message.get(reason)
            if isinstance(count, int) and 0 < count < 10_000:
                metrics.CLIENT_DROPS.labels(reason=reason).inc(count)

    # --- what goes out -----------------------------------------------------------------------

    def tell(self, kind: str, /, **fields: object) -> None:
        if not self.closed:
            self.outbox.put(encode(kind, **fields))

    def resolved(self, outcome: Outcome) -> None:
        """A worker's word on one of this connection's frames."""
        if not self.ledger.resolve(outcome.seq, outcome.lost):
            return
        metrics.FRAMES_RESOLVED.labels(fate=outcome.lost or "processed").inc()
        if self._readings_wanted and outcome.lost is None:
            self.tell("reading", **outcome.reading())

    @property
    def _readings_wanted(self) -> bool:
        return self._show_readings and self.permit is not None and self.permit.own_view

    def tick(self) -> None:
        """Twice a second: time away, acknowledgement, idleness."""
        if self.outbox.given_up:
            self.drop()
            return
        now = now_ms()
        self._count_time_away(now)
        self.acknowledge()
        if now - self._heard_ms > IDLE_MS:
            self.fail(messages.CLOSE_IDLE, "idle", "Nothing was heard for two minutes.")

    def acknowledge(self) -> None:
        if self.welcomed and (self.kind == "capture" or self.ledger.received):
            fields = self.ledger.ack()
            if fields is not None:
                self.tell("ack", **fields)

    def changed_feeds(self) -> list[Feed]:
        epoch = self.permit.frames_epoch if self.permit else 0
        return [
            Feed(self.participant_id, window, epoch, self.id.hex(), counts)
            for window, counts in self.ledger.changed_feeds(now_ms())
        ]

    async def permitted(self, permit: Permit | None) -> None:
        """News of what this participant permits; the socket closes where it no longer may be."""
        self.permit = permit
        if self.closed:
            return
        if permit is None or not permit.allows(self.mode):
            reason = permit.refusal(self.mode) if permit else "no_participant"
            for seq, frame in list(self.ledger.in_flight.items()):
                if not frame.taken_back:
                    with suppress(RedisError, OSError):  # then it runs out there by itself
                        await self.gateway.take_back(self, seq, "expired")
            self.fail(messages.CLOSE_FORBIDDEN, reason, "The camera is no longer permitted.")

    def replaced(self) -> None:
        self.fail(messages.CLOSE_REPLACED, "replaced", "A newer tab took over.")

    def fail_busy(self) -> None:
        self.fail(messages.CLOSE_BUSY, "busy", "The service is busy. Try again in a moment.")

    def fail(self, code: int, reason: str, detail: str) -> None:
        """Say why, then close."""
        if self.closed:
            return
        self.acknowledge()
        self.tell("error", reason=reason, detail=detail)
        self.closed = True
        self.outbox.put(code)

    def _set_away(self, name: str, away: bool, now: int) -> None:
        self._count_time_away(now)
        self._away[name] = away

    def _count_time_away(self, now: int) -> None:
        for name, away in self._away.items():
            if away:
                self.ledger.add_time(name, now - self._ticked_ms, now)
        self._ticked_ms = now
