"""Records of simulated classes for tests of the disclosure control."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from fer_lms.disclosure.records import CameraSums, SessionRecord, mark_own_bins
from inference.results import LABELS

BIN_SECONDS = 120


def make_record(
    size: int = 8,
    *,
    cameras: Sequence[int] | None = None,
    own_seconds: Sequence[float] | float = 1200.0,
    opened_at: Sequence[float] | float = 0.0,
    seed: int = 0,
    names: Sequence[str] | None = None,
) -> SessionRecord:
    """Make a class in which some students share their camera all the time.

    Students have two steps, each in half of their time. Levels are of one's own, with noise.
    """
    random = np.random.default_rng(seed)
    own = np.broadcast_to(np.asarray(own_seconds, dtype=float), size).copy()
    in_bin = mark_own_bins(own, BIN_SECONDS)
    record = SessionRecord(
        students=tuple(names or (f"s{number}" for number in range(size))),
        opened_at=np.broadcast_to(np.asarray(opened_at, dtype=float), size).copy(),
        own_seconds=own,
        bin_seconds=BIN_SECONDS,
        in_bin=in_bin,
        in_step=np.ones((size, 2), dtype=bool),
        bins=CameraSums.zeros(size, in_bin.shape[1]),
        steps=CameraSums.zeros(size, 2),
        noise_key=bytes([seed % 251, size]),
    )
    for row in range(size) if cameras is None else cameras:
        level = random.uniform(0.2, 0.9)
        for window in range(int(own[row] // 10)):
            step = int(window * 10 >= own[row] / 2)
            add_window(record, row, window // 12, step, level + random.normal(0, 0.1))
    return record


def add_window(record: SessionRecord, row: int, column: int, step: int, value: float) -> None:
    value = min(max(value, 0.0), 1.0)
    shares = np.full(len(LABELS), (1 - value) / (len(LABELS) - 1))
    shares[0] = value
    for sums, at in ((record.bins, column), (record.steps, step)):
        sums.seen_seconds[row, at] += 10
        sums.engagement[row, at] += value
        sums.engagement_windows[row, at] += 1
        sums.expressions[row, at] += shares
        sums.expression_windows[row, at] += 1
        sums.levels[row, at, 0 if value > 0.65 else 2 if value < 0.25 else 1] += 1


def clear(record: SessionRecord, row: int, *, columns: Sequence[int] = ()) -> None:
    """Remove a student's camera data: of some bins or, without `columns`, of the session."""
    for sums in (record.bins, record.steps):
        if columns and sums is record.steps:
            continue
        at = list(columns) if columns else slice(None)
        for name in CameraSums.__slots__:
            getattr(sums, name)[row, at] = 0


def keep_students(record: SessionRecord, rows: Sequence[int]) -> SessionRecord:
    """Return the record of some of the students."""
    at = np.asarray(rows)
    return replace(
        record,
        students=tuple(record.students[row] for row in rows),
        opened_at=record.opened_at[at],
        own_seconds=record.own_seconds[at],
        in_bin=record.in_bin[at],
        in_step=record.in_step[at],
        bins=record.bins.take(at),
        steps=record.steps.take(at),
    )
