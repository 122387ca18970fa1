"""Both identities of the counts hold after any sequence of events."""

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from fer_lms.engagement.observations import LOST, REFUSED, locate_window
from fer_lms.streaming.web.frame_counts import FrameCounts

NOW = 1_790_000_000_000


class AnyHistory(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.counts = FrameCounts()
        self.seq = 0

    @rule(reason=st.sampled_from(REFUSED))
    def refuse(self, reason: str) -> None:
        self.counts.add_refused(reason, NOW)

    @rule()
    def accept(self) -> None:
        self.seq += 1
        self.counts.add_in_flight(self.seq, locate_window(NOW)[0], b"meta", NOW)

    @rule()
    def accept_late(self) -> None:
        self.counts.add_late(NOW)

    @rule()
    def accept_scores(self) -> None:
        self.counts.add_processed(locate_window(NOW)[0])

    @rule(back=st.integers(0, 4), reason=st.sampled_from(["superseded", "expired"]))
    def overwrite(self, back: int, reason: str) -> None:
        self.counts.mark_lost(self.seq - back, reason)

    @rule(back=st.integers(0, 4), lost=st.sampled_from([None, "rejected", "lost_in_flight"]))
    def resolve(self, back: int, lost: str | None) -> None:
        self.counts.resolve(self.seq - back, lost)

    @rule(back=st.integers(0, 4))
    def give_up(self, back: int) -> None:
        self.counts.mark_lost_in_flight(self.seq - back)

    @invariant()
    def received_is_accepted_and_refused(self) -> None:
        counts = self.counts
        assert counts.received == counts.accepted + counts.refused.total()

    @invariant()
    def accepted_has_one_fate(self) -> None:
        counts = self.counts
        fates = counts.processed + counts.lost.total() + len(counts.in_flight)
        assert counts.accepted == fates
        assert set(counts.lost) <= set(LOST)
        assert min(counts.lost.values(), default=0) >= 0

    @invariant()
    def the_feeds_have_the_same_counts(self) -> None:
        feeds = dict(FrameCounts.pop_changed(self.counts, NOW))
        for feed in feeds.values():
            assert feed.get("accepted", 0) == self.counts.accepted
            assert sum(feed.get(name, 0) for name in REFUSED) == self.counts.refused.total()


TestAnyHistory = AnyHistory.TestCase


def test_an_outcome_after_a_frame_was_marked_lost_counts_as_processed() -> None:
    counts = FrameCounts()
    counts.add_in_flight(1, 5, b"", NOW)
    counts.mark_lost_in_flight(1)
    assert counts.lost["lost_in_flight"] == 1
    assert counts.resolve(1, None)
    assert (counts.processed, counts.lost["lost_in_flight"]) == (1, 0)


def test_an_outcome_of_an_unknown_frame_is_not_counted() -> None:
    assert not FrameCounts().resolve(7, None)


def test_an_ack_is_built_only_after_a_change() -> None:
    counts = FrameCounts()
    counts.add_refused("bad_header", NOW)
    ack = counts.build_ack()
    assert ack is not None
    assert ack["refused"] == {"bad_header": 1}
    assert counts.build_ack() is None


def test_counts_that_were_not_stored_are_yielded_again() -> None:
    counts = FrameCounts()
    counts.add_in_flight(1, locate_window(NOW)[0], b"", NOW)
    first = list(counts.pop_changed(NOW))
    assert list(counts.pop_changed(NOW)) == []
    counts.mark_changed([window for window, _ in first])
    assert list(counts.pop_changed(NOW)) == first


@given(st.lists(st.integers(0, 120_000), min_size=1, max_size=40))
def test_old_counts_are_deleted(offsets: list[int]) -> None:
    counts = FrameCounts()
    for offset in offsets:
        counts.add_processed(locate_window(NOW + offset)[0])
    later = NOW + max(offsets) + 60_000
    list(counts.pop_changed(later))
    assert list(counts._feeds) == []
