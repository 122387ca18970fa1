"""What long commands say while they work, on stderr, so that stdout holds the result alone."""

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tqdm import tqdm

Say = Callable[[str], None]
Tick = Callable[[float, int, int], None]


@contextmanager
def streaming_bar(seconds: float) -> Iterator[tuple[Say, Tick]]:
    """A bar over the seconds of streaming, none where stderr is no terminal; lines above it."""
    total = round(seconds)
    with tqdm(total=total, unit="s", file=sys.stderr, disable=None) as bar:

        def tick(elapsed: float, sent: int, processed: int) -> None:
            bar.update(min(round(elapsed), total) - bar.n)
            bar.set_postfix(sent=sent, processed=processed)

        def say(line: str) -> None:
            bar.write(line, file=sys.stderr)

        yield say, tick


@contextmanager
def without_chatter() -> Iterator[None]:
    """No log line under a warning meanwhile: one a launch or a member would drown the result."""
    before = logging.root.manager.disable
    logging.disable(logging.INFO)
    try:
        yield
    finally:
        logging.disable(before)
