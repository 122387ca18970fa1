"""Fake frame worker of `bench_web`: claims slots and reports a constant reading for each at once.

It decodes nothing, runs no model and writes no observation log. For temporary installations only.
"""

import django

django.setup()

from fer_lms.streaming.wire.outcomes import Outcome, queue_outcomes  # noqa: E402 - apps must be ready
from fer_lms.streaming.wire.redis_roles import get_frames_redis  # noqa: E402
from fer_lms.streaming.wire.slots import MAX_CLAIMED_FRAMES, SlotFrame, SlotReader  # noqa: E402

SCORES = (9000, 400, 200, 100, 100, 100, 50, 50)
ENGAGEMENT = 7000
MAX_WAIT_S = 0.25


def run() -> None:
    slots = SlotReader(get_frames_redis(), lane=0)
    while True:
        frames = slots.claim(MAX_CLAIMED_FRAMES)
        if frames:
            report_readings(frames)
        else:
            slots.wait(MAX_WAIT_S)


def report_readings(frames: list[SlotFrame]) -> None:
    pipe = get_frames_redis().pipeline(transaction=False)
    for web_id in {frame.web_id for frame in frames}:
        outcomes = [
            Outcome(frame.connection, frame.seq, None, "ok", SCORES, ENGAGEMENT)
            for frame in frames
            if frame.web_id == web_id
        ]
        queue_outcomes(pipe, web_id, outcomes)
    pipe.execute()


if __name__ == "__main__":
    run()
