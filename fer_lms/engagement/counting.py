"""Add observations and feeds to a window in memory. Pure, idempotent and order-independent."""

from fer_lms.engagement.models import ObservationWindow
from fer_lms.engagement.observations import LOST, REFUSED, SIGN_NAMES, STEP_MS, Feed, Observation
from inference.results import LABELS

QUALITY_COUNTERS = {"no_face": "no_face", "many_faces": "many_faces"}
FEED_LOSSES = ("superseded", "expired", "late")


def count_observation(window: ObservationWindow, observation: Observation) -> None:
    """Count the outcome of one frame; a step that is already counted changes nothing."""
    bit = 1 << observation.step
    if window.counted_steps is None or window.counted_steps & bit:
        return
    window.counted_steps |= bit
    if observation.lost is not None:
        window.lost[observation.lost] = window.lost.get(observation.lost, 0) + 1
        _update_accepted(window)
        return
    window.processed += 1
    window.model = observation.model
    if observation.scores is None:
        counter = QUALITY_COUNTERS.get(observation.quality, "low_quality")
        setattr(window, counter, getattr(window, counter) + 1)
    else:
        _add_scores(window, observation, bit)
    _add_signs(window, observation)
    _update_accepted(window)


def count_feed(window: ObservationWindow, feed: Feed) -> None:
    """Merge cumulative counts of a connection: the largest value of each is the newest."""
    if window.feeds is None:
        return
    known = window.feeds.setdefault(feed.connection, {})
    for name, value in feed.counts.items():
        known[name] = max(known.get(name, 0), value)
    _sum_feeds(window)


def close_window(window: ObservationWindow) -> None:
    """Count frames in flight as lost, and clear every per-frame and per-connection trace."""
    if window.state == ObservationWindow.State.CLOSED:
        return
    missing = window.in_flight
    if missing > 0:
        window.lost["lost_in_flight"] = window.lost.get("lost_in_flight", 0) + missing
    window.counted_steps = window.usable_steps = window.feeds = None
    window.state = ObservationWindow.State.CLOSED


def count_seen_seconds(usable_steps: int) -> int:
    """Count the seconds of a window with at least one usable step (bit mask)."""
    steps = range(usable_steps.bit_length())
    return len({step * STEP_MS // 1000 for step in steps if usable_steps >> step & 1})


def _add_scores(window: ObservationWindow, observation: Observation, bit: int) -> None:
    assert observation.scores is not None  # noqa: S101 - for the type checker
    window.scored += 1
    window.score_sums = _add(window.score_sums, observation.scores, len(LABELS))
    window.usable_steps = (window.usable_steps or 0) | bit
    window.seen_seconds = count_seen_seconds(window.usable_steps)
    if observation.engagement is not None:
        window.engagement_count += 1
        window.engagement_sum += observation.engagement


def _add_signs(window: ObservationWindow, observation: Observation) -> None:
    if observation.signs is None:
        return
    window.sign_count += 1
    squares = [value * value for value in observation.signs]
    window.sign_sums = _add(window.sign_sums, observation.signs, len(SIGN_NAMES))
    window.sign_square_sums = _add(window.sign_square_sums, squares, len(SIGN_NAMES))


def _add(sums: list[int], values: tuple[int, ...] | list[int], length: int) -> list[int]:
    return [a + b for a, b in zip(sums or [0] * length, values, strict=True)]


def _sum_feeds(window: ObservationWindow) -> None:
    total: dict[str, int] = {}
    for counts in (window.feeds or {}).values():
        for name, value in counts.items():
            total[name] = total.get(name, 0) + value
    window.refused = {name: total[name] for name in REFUSED if total.get(name)}
    for name in FEED_LOSSES:
        if total.get(name):
            window.lost[name] = total[name]
    window.hidden_ms = min(total.get("hidden_ms", 0), 10_000)
    window.paused_ms = min(total.get("paused_ms", 0), 10_000)
    window.accepted = total.get("accepted", 0)
    _update_accepted(window)


def _update_accepted(window: ObservationWindow) -> None:
    """Count frames with a known outcome as accepted, even if the feed is older."""
    outcomes = window.processed + sum(window.lost.get(name, 0) for name in LOST)
    window.accepted = max(window.accepted, outcomes)
