"""One open socket of `fer.capture.v1`: its permit, its counts, and its messages."""

import asyncio
import os
import uuid
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from channels.db import database_sync_to_async
from django.conf import settings
from django.db import DatabaseError
from redis.exceptions import RedisError

from fer_lms.engagement.observations import WINDOW_SECONDS, Feed
from fer_lms.rules.actions import InvalidAnswerError, UnknownHintError, answer_hint
from fer_lms.streaming.web import metrics
from fer_lms.streaming.web.clock import now_ms
from fer_lms.streaming.web.connection_gateway import ConnectionGateway
from fer_lms.streaming.web.frame_counts import LATE_AFTER_MS, FrameCounts
from fer_lms.streaming.web.outbox import Outbox
from fer_lms.streaming.web.pacing import FrameClock, TokenBucket
from fer_lms.streaming.web.permits import Permit
from fer_lms.streaming.web.tickets import Mode, Ticket
from fer_lms.streaming.wire import messages
from fer_lms.streaming.wire.device_scores import InvalidScores, parse_scores
from fer_lms.streaming.wire.messages import HEADER, InvalidMessage, encode_message
from fer_lms.streaming.wire.outcomes import Outcome
from fer_lms.streaming.wire.readings import build_observation
from fer_lms.streaming.wire.slots import Progress, SlotFrame
from inference.errors import FrameRejected
from inference.imaging.frames import FrameLimits, check_jpeg

MAX_SILENCE_MS = 120_000
MAX_TEXTS_PER_S = 10
"""Text messages besides scores; pages send one every few seconds."""
MAX_PERMIT_WAIT_S = 1.0
PERMIT_RETRY_MS = 5_000
"""After a permit could not be renewed in time, frames do not wait for this long."""

answer_hint_async = database_sync_to_async(answer_hint)


class Connection:
    """The state of one open socket. It never waits for the browser: messages go through the outbox.

    Args:
        abort: Ends the socket without a message, after an error or if the browser does not read.
    """

    def __init__(
        self,
        ticket: Ticket,
        gateway: ConnectionGateway,
        outbox: Outbox,
        abort: Callable[[], None],
    ) -> None:
        self.id = os.urandom(8)
        self.participant_id = uuid.UUID(ticket.participant_id)
        self.session_id = uuid.UUID(ticket.session_id)
        self.mode = ticket.mode
        self.kind = "lesson" if ticket.mode == "lesson" else "capture"
        self.counts = FrameCounts()
        self.permit: Permit | None = None
        self.is_welcomed = False
        self.is_closed = False
        self.sent_hint_ids: set[int] = set()
        self.outbox = outbox
        self.abort = abort
        self._gateway = gateway
        self._preset = ticket.preset
        self._next_seq = 1
        self._sends_readings = True
        self._last_message_ms = self._times_counted_ms = now_ms()
        self._clock = FrameClock(now_ms())
        self._bucket = TokenBucket(
            rate=settings.MAX_FPS, burst=2 * settings.MAX_FPS, now_ms=now_ms()
        )
        self._text_bucket = TokenBucket(
            rate=MAX_TEXTS_PER_S, burst=4 * MAX_TEXTS_PER_S, now_ms=now_ms()
        )
        self._permit_overdue_ms = 0
        self._limits = FrameLimits(max_bytes=settings.MAX_FRAME_BYTES)
        self._running_timers = {"paused_ms": False, "hidden_ms": False}

    def welcome(self, progress: Progress) -> None:
        """Send `welcome` and accept frames from now on. The permit must have been read."""
        started_ms = now_ms()
        self._next_seq = max(progress.next_seq, self._next_seq)
        self.counts.last_seq = self._next_seq - 1
        self._clock = FrameClock(started_ms, progress.last)
        self.is_welcomed = True
        self.send(
            "welcome",
            session_id=str(self.session_id),
            participant_id=str(self.participant_id),
            consent_epoch=self.permit.epoch if self.permit else 0,
            next_seq=self._next_seq,
            target_fps=self._gateway.target_fps,
            max_frame_bytes=settings.MAX_FRAME_BYTES,
            server_ms=started_ms,
        )

    # --- Frames ------------------------------------------------------------------------------

    async def receive_frame(self, data: bytes) -> None:
        self._last_message_ms = now = now_ms()
        is_within_rate = self._bucket.take(now)  # whatever is wrong with the frame
        if len(data) > settings.MAX_FRAME_BYTES + HEADER.size:
            self._refuse("bad_jpeg", now)
            self.close(messages.CLOSE_TOO_LARGE, "too_large", "The frame is too large.")
            return
        if is_within_rate:
            await self._renew_stale_permit("frames")
        if reason := self._accept_frame(data, now, is_within_rate):
            self._refuse(reason, now)
            self._close_if_too_fast(self._bucket)

    def _accept_frame(self, data: bytes, now: int, is_within_rate: bool) -> str | None:
        """Accept one frame or return why not. Reads neither pixels nor the database."""
        header = messages.parse_header(data)
        if header is None:
            return "bad_header"
        if reason := self._check_order_and_pace(header.seq, "frames", is_within_rate):
            return reason
        jpeg = data[HEADER.size :]
        try:
            check_jpeg(jpeg, self._limits)
        except FrameRejected:
            return "bad_jpeg"
        position = self._clock.place(header.captured_ms, now)
        if position is None:
            return "rate_limited"
        window, step = position
        if self._count_if_late(window, now):
            return None
        assert self.permit is not None  # noqa: S101 - checked by _check_permission
        frame = SlotFrame(
            participant_id=self.participant_id,
            window=window,
            step=step,
            epoch=self.permit.frames_epoch,
            seq=header.seq,
            received_ms=now,
            connection=self.id,
            web_id=self._gateway.web_id,
            preset=self._preset,
            jpeg=jpeg,
        )
        self.counts.add_in_flight(header.seq, window, frame.pack_meta(), now)
        self._gateway.submit_frame(self, frame)
        return None

    def _check_order_and_pace(self, seq: int, mode: Mode, is_within_rate: bool) -> str | None:
        """Apply the rules that frames and scores share; return why one is refused."""
        if seq < self._next_seq:
            return "bad_seq"
        self._next_seq = seq + 1
        self.counts.last_seq = seq
        if reason := self._check_permission(mode):
            return reason
        return None if is_within_rate else "rate_limited"

    def _check_permission(self, mode: Mode) -> str | None:
        """Return why frames or scores are refused now; a permit counts for a second."""
        if not self._is_permitted(mode):
            return "not_permitted"
        return None if self._has_fresh_permit() else "permission_unknown"

    def _is_permitted(self, mode: Mode) -> bool:
        """Return whether the last permit that was read allows `mode`."""
        permit = self.permit
        is_open = self.is_welcomed and not self.is_closed and self.mode == mode
        return is_open and permit is not None and permit.allows(mode)

    def _has_fresh_permit(self) -> bool:
        return self.permit is not None and self.permit.is_fresh(now_ms())

    async def _renew_stale_permit(self, mode: Mode) -> None:
        """Wait for a new permit where the last one is too old, as on a machine under load."""
        is_overdue = now_ms() - self._permit_overdue_ms < PERMIT_RETRY_MS
        if not self._is_permitted(mode) or self._has_fresh_permit() or is_overdue:
            return
        try:
            await asyncio.wait_for(self._gateway.refresh_permits(), MAX_PERMIT_WAIT_S)
        except Exception:  # of the database, or it takes too long: the frame is refused
            self._permit_overdue_ms = now_ms()

    def _count_if_late(self, window: int, now: int) -> bool:
        """Count an accepted frame whose window is about to close as late."""
        metrics.FRAMES_ACCEPTED.inc()
        is_late = now - window * WINDOW_SECONDS * 1000 > LATE_AFTER_MS
        if is_late:
            self.counts.add_late(now)
        return is_late

    def _refuse(self, reason: str, now: int) -> None:
        metrics.FRAMES_REFUSED.labels(reason=reason).inc()
        self.counts.add_refused(reason, now)

    def _close_if_too_fast(self, bucket: TokenBucket) -> None:
        if bucket.is_exhausted:
            self.close(messages.CLOSE_TOO_FAST, "too_fast", "Messages come too fast for too long.")

    # --- Text messages -----------------------------------------------------------------------

    async def receive_text(self, text: str) -> None:
        self._last_message_ms = now = now_ms()
        try:
            message = messages.parse_text(text)
        except InvalidMessage as error:
            if self._is_text_within_rate(now):
                self._send_error("bad_message", str(error))
            return
        if message["type"] == "scores":
            await self._accept_scores(message, now)
        elif self._is_text_within_rate(now):
            await self._handle_text(message, now)

    def _is_text_within_rate(self, now: int) -> bool:
        """Charge one text message, whatever is in it; those above the rate are ignored."""
        is_within_rate = self._text_bucket.take(now)
        self._close_if_too_fast(self._text_bucket)
        return is_within_rate

    async def _handle_text(self, message: dict[str, Any], now: int) -> None:
        match message:
            case {"type": "pause"}:
                self._set_timer("paused_ms", True, now)
            case {"type": "resume"}:
                self._set_timer("paused_ms", False, now)
            case {"type": "visibility", "visible": bool(visible)}:
                self._set_timer("hidden_ms", not visible, now)
            case {"type": "show_readings", "on": bool(on)}:
                self._sends_readings = on
            case {"type": "ping", "t": dict() | list()}:
                self._send_error("bad_message", "t must be a number or a string.")
            case {"type": "ping"}:
                self.send("pong", t=message.get("t"))
            case {"type": "client_drops"}:
                self._count_client_drops(message)
            case {"type": "hint_response", "hint_id": int(hint_id), "answer": str(answer)}:
                await self._answer_hint(hint_id, answer)
            case {"type": "hint_response"}:
                self._send_error("unknown_hint", "No such hint was shown.")
            case _:
                self._send_error("bad_message", "Unknown type or fields.")

    async def _answer_hint(self, hint_id: int, answer: str) -> None:
        try:
            await answer_hint_async(
                participant_id=self.participant_id, hint_id=hint_id, answer=answer
            )
        except UnknownHintError:
            self._send_error("unknown_hint", "No such hint was shown.")
        except InvalidAnswerError:
            self._send_error("unfitting_answer", "That is no answer to this hint.")
        except DatabaseError:
            self.close_busy()  # the page stores its answer and sends it after it reconnects

    async def _accept_scores(self, message: dict[str, Any], now: int) -> None:
        """Accept scores from the learner's own device in place of a frame."""
        is_within_rate = self._bucket.take(now)
        try:
            scores = parse_scores(message)
        except InvalidScores:
            self._refuse("bad_header", now)
            self._close_if_too_fast(self._bucket)
            return
        if is_within_rate:
            await self._renew_stale_permit("scores")
        reason = self._check_order_and_pace(scores.seq, "scores", is_within_rate)
        position = None if reason else self._clock.place(scores.captured_ms, now)
        if position is None or self.permit is None:
            self._refuse(reason or "rate_limited", now)
            self._close_if_too_fast(self._bucket)
            return
        if not await self._save_progress(Progress(scores.seq + 1, position), now):
            return
        window, step = position
        if self._count_if_late(window, now):
            return
        self.counts.add_processed(window)
        metrics.FRAMES_RESOLVED.labels(fate="processed").inc()
        observation = build_observation(
            scores.reading,
            preset=self._preset,
            participant_id=self.participant_id,
            window=window,
            step=step,
            epoch=self.permit.frames_epoch,
            model=scores.model,
        )
        self._gateway.append_observation(observation)
        if self._may_send_readings:
            outcome = Outcome.from_observation(observation, self.id, scores.seq)
            self.send("reading", **outcome.to_reading())

    async def _save_progress(self, progress: Progress, now: int) -> bool:
        """Store where the next connection continues; close the socket if that fails."""
        try:
            if await self._gateway.save_progress(self, progress):
                return True
        except (RedisError, OSError):
            self._refuse("not_permitted", now)
            self.close_busy()
        else:
            self._refuse("not_permitted", now)
            self.close_replaced()
        return False

    def _count_client_drops(self, message: dict[str, Any]) -> None:
        for reason in ("busy", "hidden"):
            count = message.get(reason)
            if isinstance(count, int) and 0 < count < 10_000:
                metrics.CLIENT_DROPS.labels(reason=reason).inc(count)

    # --- Messages to the browser -------------------------------------------------------------

    def send(self, kind: str, /, **fields: object) -> None:
        if not self.is_closed:
            self.outbox.put(encode_message(kind, **fields))

    def _send_error(self, reason: str, detail: str) -> None:
        self.send("error", reason=reason, detail=detail)

    def handle_outcome(self, outcome: Outcome) -> None:
        """Count the outcome of a frame, and send the reading."""
        if not self.counts.resolve(outcome.seq, outcome.lost):
            return
        metrics.FRAMES_RESOLVED.labels(fate=outcome.lost or "processed").inc()
        if self._may_send_readings and outcome.lost is None:
            self.send("reading", **outcome.to_reading())

    @property
    def _may_send_readings(self) -> bool:
        return self._sends_readings and self.permit is not None and self.permit.can_view_readings

    def run_periodic_checks(self) -> None:
        """Twice a second: count paused and hidden time, acknowledge, close an idle socket."""
        if self.outbox.is_stalled:
            self.abort()
            return
        now = now_ms()
        self._count_times(now)
        self.acknowledge()
        if now - self._last_message_ms > MAX_SILENCE_MS:
            self.close(messages.CLOSE_IDLE, "idle", "Nothing was received for two minutes.")

    def acknowledge(self) -> None:
        if self.is_welcomed and (self.kind == "capture" or self.counts.received):
            fields = self.counts.build_ack()
            if fields is not None:
                self.send("ack", **fields)

    def pop_changed_feeds(self) -> list[Feed]:
        epoch = self.permit.frames_epoch if self.permit else 0
        return [
            Feed(self.participant_id, window, epoch, self.id.hex(), counts)
            for window, counts in self.counts.pop_changed(now_ms())
        ]

    async def apply_permit(self, permit: Permit | None) -> None:
        """Store the permit; close the socket and cancel its frames if it forbids the mode."""
        self.permit = permit
        if self.is_closed or (permit is not None and permit.allows(self.mode)):
            return
        for seq, frame in list(self.counts.in_flight.items()):
            if not frame.is_cancelled:
                with suppress(RedisError, OSError):  # the frame expires in Redis by itself
                    await self._gateway.cancel_frame(self, seq)
        reason = permit.get_refusal_reason(self.mode) if permit else "no_participant"
        self.close(messages.CLOSE_FORBIDDEN, reason, "The camera is no longer permitted.")

    def close_replaced(self) -> None:
        self.close(messages.CLOSE_REPLACED, "replaced", "A newer tab took over.")

    def close_busy(self) -> None:
        self.close(messages.CLOSE_BUSY, "busy", "The service is busy. Try again in a moment.")

    def close(self, code: int, reason: str, detail: str) -> None:
        """Send the last acknowledgement and an `error` message, then close."""
        if self.is_closed:
            return
        self.acknowledge()
        self._send_error(reason, detail)
        self.is_closed = True
        self.outbox.put(code)

    def _set_timer(self, name: str, is_running: bool, now: int) -> None:
        self._count_times(now)
        self._running_timers[name] = is_running

    def _count_times(self, now: int) -> None:
        for name, is_running in self._running_timers.items():
            if is_running:
                self.counts.add_time(name, now - self._times_counted_ms, now)
        self._times_counted_ms = now
