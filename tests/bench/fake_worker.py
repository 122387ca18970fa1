"""Stands where the frame workers are while `bench_web` measures the web process.

It claims slots as a worker does and answers each at once with the same made-up reading: no
decoding, no model, no observation log. It runs in a temporary installation only.
"""

import django

django.setup()

from fer_lms.streaming.wire.outcomes import Outcome, queue_outcomes  # noqa: E402 - apps must be ready
from fer_lms.streaming.wire.redis_roles import get_frames_redis  # noqa: E402
from fer_lms.streaming.wire.slots import MAX_CLAIMED_FRAMES, SlotFrame, SlotReader  # noqa: E402

SCORES = (9000, 400, 200, 100, 100, 100, 50, 50)
ENGAGEMENT = 7000
WAIT_SECONDS = 0.25


def answer_for_ever() -> None:
    slots = SlotReader(get_frames_redis(), lane=0)
    while True:
        frames = slots.claim(MAX_CLAIMED_FRAMES)
        if frames:
            answer(frames)
        else:
            slots.wait(WAIT_SECONDS)


def answer(frames: list[SlotFrame]) -> None:
    pipe = get_frames_redis().pipeline(transaction=False)
    for web in {frame.web_id for frame in frames}:
        outcomes = [
            Outcome(frame.connection, frame.seq, None, "ok", SCORES, ENGAGEMENT)
            for frame in frames
            if frame.web_id == web
        ]
        queue_outcomes(pipe, web, outcomes)
    pipe.execute()


if __name__ == "__main__":
    answer_for_ever()
