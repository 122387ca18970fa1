"""The two identities hold after anything that can happen to a connection's frames."""

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from fer_lms.engagement.observations import LOST, REFUSED, locate_window
from fer_lms.streaming.web.frame_counts import Ledger

NOW = 1_790_000_000_000


class AnyHistory(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.ledger = Ledger()
        self.seq = 0

    @rule(reason=st.sampled_from(REFUSED))
    def refuse(self, reason: str) -> None:
        self.ledger.refuse(reason, NOW)

    @rule()
    def accept(self) -> None:
        self.seq += 1
        self.ledger.accept(self.seq, locate_window(NOW)[0], b"meta", NOW)

    @rule()
    def accept_late(self) -> None:
        self.ledger.accept_late(NOW)

    @rule()
    def accept_scores(self) -> None:
        self.ledger.accept_scores(locate_window(NOW)[0])

    @rule(back=st.integers(0, 4), reason=st.sampled_from(["superseded", "expired"]))
    def overwrite(self, back: int, reason: str) -> None:
        self.ledger.overwritten(self.seq - back, reason)

    @rule(back=st.integers(0, 4), lost=st.sampled_from([None, "rejected", "lost_in_flight"]))
    def resolve(self, back: int, lost: str | None) -> None:
        self.ledger.resolve(self.seq - back, lost)

    @rule(back=st.integers(0, 4))
    def give_up(self, back: int) -> None:
        self.ledger.give_up(self.seq - back)

    @invariant()
    def received_is_accepted_and_refused(self) -> None:
        ledger = self.ledger
        assert ledger.received == ledger.accepted + ledger.refused.total()

    @invariant()
    def accepted_has_one_fate(self) -> None:
        ledger = self.ledger
        fates = ledger.processed + ledger.lost.total() + len(ledger.in_flight)
        assert ledger.accepted == fates
        assert set(ledger.lost) <= set(LOST)
        assert min(ledger.lost.values(), default=0) >= 0

    @invariant()
    def the_feed_says_the_same(self) -> None:
        feeds = dict(Ledger.changed_feeds(self.ledger, NOW))
        for feed in feeds.values():
            assert feed.get("accepted", 0) == self.ledger.accepted
            assert sum(feed.get(name, 0) for name in REFUSED) == self.ledger.refused.total()


TestAnyHistory = AnyHistory.TestCase


def test_a_reading_that_comes_after_giving_up_counts_as_processed() -> None:
    ledger = Ledger()
    ledger.accept(1, 5, b"", NOW)
    ledger.give_up(1)
    assert ledger.lost["lost_in_flight"] == 1
    assert ledger.resolve(1, None)
    assert (ledger.processed, ledger.lost["lost_in_flight"]) == (1, 0)


def test_an_outcome_for_a_frame_of_nobody_is_told_apart() -> None:
    assert not Ledger().resolve(7, None)


def test_ack_is_said_only_when_something_changed() -> None:
    ledger = Ledger()
    ledger.refuse("bad_header", NOW)
    ack = ledger.ack()
    assert ack is not None
    assert ack["refused"] == {"bad_header": 1}
    assert ledger.ack() is None


def test_feeds_that_were_not_stored_come_again() -> None:
    ledger = Ledger()
    ledger.accept(1, locate_window(NOW)[0], b"", NOW)
    first = list(ledger.changed_feeds(NOW))
    assert list(ledger.changed_feeds(NOW)) == []
    ledger.remember_feeds([window for window, _ in first])
    assert list(ledger.changed_feeds(NOW)) == first


@given(st.lists(st.integers(0, 120_000), min_size=1, max_size=40))
def test_old_feeds_are_forgotten(offsets: list[int]) -> None:
    ledger = Ledger()
    for offset in offsets:
        ledger.accept_scores(locate_window(NOW + offset)[0])
    later = NOW + max(offsets) + 60_000
    list(ledger.changed_feeds(later))
    assert list(ledger._feeds) == []
