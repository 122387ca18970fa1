"""Lines that native libraries (libjpeg, OpenCV) print to standard error, as JSON log lines."""

import logging
import os
import sys
import threading
import time

import structlog

log = structlog.get_logger(__name__)

MIN_INTERVAL_S = 1.0
MAX_CHARACTERS = 200


def log_native_output() -> None:
    """Let descriptor 2 end in a thread that logs; Python's own logging keeps the original."""
    previous = sys.stderr
    sys.stderr = os.fdopen(os.dup(2), "w", buffering=1)
    for handler in logging.getLogger().handlers:
        if isinstance(handler, logging.StreamHandler) and handler.stream is previous:
            handler.setStream(sys.stderr)
    reading, writing = os.pipe()
    os.dup2(writing, 2)
    os.close(writing)
    threading.Thread(target=_log_lines, args=(reading,), daemon=True, name="native-log").start()


def _log_lines(descriptor: int) -> None:
    """Log the newest line and how many there were, at most once a second: a flood is one line."""
    count, logged_at = 0, 0.0
    with os.fdopen(descriptor, "r", errors="replace") as lines:
        for line in lines:
            count += 1
            if time.monotonic() - logged_at >= MIN_INTERVAL_S:
                log.warning("native_output", lines=count, text=line.strip()[:MAX_CHARACTERS])
                count, logged_at = 0, time.monotonic()
