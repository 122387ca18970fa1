"""Windows count every frame once, also where input is repeated, late or out of order."""

import uuid
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from fer_lms.engagement.counting import (
    close_window,
    count_feed,
    count_observation,
    count_seen_seconds,
)
from fer_lms.engagement.models import ObservationWindow
from fer_lms.engagement.observations import REFUSED, SIGN_NAMES, STEPS, Feed, Observation
from inference.results import LABELS, QUALITIES
from tests.factories import NOON

LEARNER = uuid.UUID(int=1)
COUNTS = st.integers(min_value=0, max_value=30)
SCORES = st.lists(st.integers(0, 10_000), min_size=len(LABELS), max_size=len(LABELS)).map(tuple)
SIGNS = st.lists(
    st.integers(-900_000, 900_000), min_size=len(SIGN_NAMES), max_size=len(SIGN_NAMES)
).map(tuple)


@st.composite
def observations(draw: st.DrawFn, step: int) -> Observation:
    lost = draw(st.sampled_from([None, None, "rejected", "lost_in_flight"]))
    scored = lost is None and draw(st.booleans())
    return Observation(
        participant_id=LEARNER,
        window=7,
        step=step,
        epoch=1,
        model="m",
        quality="ok" if scored else draw(st.sampled_from(QUALITIES[1:])),
        lost=lost,
        scores=draw(SCORES) if scored else None,
        engagement=draw(st.none() | st.integers(0, 10_000)) if scored else None,
        signs=draw(st.none() | SIGNS) if lost is None else None,
    )


@st.composite
def draw_feeds(draw: st.DrawFn, connection: str) -> list[Feed]:
    """Cumulative counts of one connection, sent repeatedly."""
    names = ["accepted", "superseded", "expired", "late", "hidden_ms", "paused_ms", *REFUSED]
    counts: dict[str, int] = {}
    feeds = []
    for _ in range(draw(st.integers(0, 3))):
        counts = counts | {name: counts.get(name, 0) + draw(COUNTS) for name in names}
        feeds.append(Feed(LEARNER, 7, 1, connection, dict(counts)))
    return feeds


@st.composite
def arrivals(draw: st.DrawFn) -> list[Observation | Feed]:
    steps = draw(st.sets(st.integers(0, STEPS - 1), max_size=12))
    items: list[Observation | Feed] = [draw(observations(step)) for step in sorted(steps)]
    return items + draw(draw_feeds("a")) + draw(draw_feeds("b"))


def count_all(items: list[Observation | Feed]) -> ObservationWindow:
    window = ObservationWindow(participant_id=LEARNER, start_at=NOON, consent_epoch=1)
    for item in items:
        if isinstance(item, Feed):
            count_feed(window, item)
        else:
            count_observation(window, item)
    return window


def columns(window: ObservationWindow) -> dict[str, object]:
    return {
        field.attname: getattr(window, field.attname)
        for field in ObservationWindow._meta.concrete_fields
    }


@given(items=arrivals(), seed=st.integers(), repeats=st.integers(0, 10))
def test_counting_is_idempotent_and_order_independent(
    items: list[Observation | Feed], seed: int, repeats: int
) -> None:
    random = Random(seed)
    again = items + [random.choice(items) for _ in range(repeats if items else 0)]
    random.shuffle(again)
    assert columns(count_all(again)) == columns(count_all(items))


@given(items=arrivals())
def test_every_frame_has_one_outcome(items: list[Observation | Feed]) -> None:
    window = count_all(items)
    assert window.has_consistent_counts()
    close_window(window)
    assert window.has_consistent_counts()
    assert window.received == window.accepted + sum(window.refused.values())
    assert window.accepted == window.processed + sum(window.lost.values())


@given(items=arrivals())
def test_closed_window_has_no_trace_and_does_not_change(items: list[Observation | Feed]) -> None:
    window = count_all(items)
    close_window(window)
    before = columns(window)
    assert (window.counted_steps, window.usable_steps, window.feeds) == (None, None, None)
    for item in items:
        count_feed(window, item) if isinstance(item, Feed) else count_observation(window, item)
    close_window(window)
    assert columns(window) == before


@given(items=arrivals())
def test_sums_match_the_frames(items: list[Observation | Feed]) -> None:
    window = count_all(items)
    scored = [item for item in items if isinstance(item, Observation) and item.scores]
    assert window.scored == len(scored)
    assert sum(window.score_sums) == sum(sum(item.scores or ()) for item in scored)
    assert window.engagement_sum == sum(item.engagement or 0 for item in scored)


def test_seen_seconds_count_seconds_not_frames() -> None:
    assert count_seen_seconds(0) == 0
    assert count_seen_seconds(0b111) == 1
    assert count_seen_seconds(0b1000001) == 1
    assert count_seen_seconds(0b10000001) == 2
    assert count_seen_seconds((1 << STEPS) - 1) == 10
