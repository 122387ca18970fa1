"""Delivery of statements to the LRS: once, with back-off."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from fer_lms.lessons.models import LessonSession
from fer_lms.xapi.checks import check_record_store
from fer_lms.xapi.delivery import claim_batch, compute_backoff_s, send_due_statements
from fer_lms.xapi.models import Statement
from tests.factories import make_learner
from tests.lti_services.hostile import hostile_server
from tests.xapi.store import Store

LATER = timedelta(hours=2)


@pytest.fixture
def three(store: Store, session: LessonSession) -> list[str]:
    """Ids of three waiting statements, oldest first."""
    for _ in range(3):
        make_learner(session)
    return [str(pk) for pk in Statement.objects.order_by("queued_at").values_list("pk", flat=True)]


def test_accepted_statements_are_deleted(store: Store, three: list[str]) -> None:
    assert send_due_statements() == 3
    assert list(store.statements) == three
    assert not Statement.objects.exists()
    assert len(store.requests) == 1
    headers = store.headers_seen[0]
    assert headers["X-Experience-API-Version"] == "1.0.3"
    assert headers["Authorization"] == "Basic a2V5OnNlY3JldA=="


def test_unavailable_store_is_backed_off(
    store: Store, three: list[str], session: LessonSession
) -> None:
    store.down = True
    assert send_due_statements() == 0
    make_learner(session)
    assert send_due_statements() == 0  # also what came since waits
    assert len(store.requests) == 1
    store.down = False
    assert send_due_statements(now=timezone.now() + LATER) == 4
    assert set(three) <= set(store.statements)


def test_retry_after_is_respected(store: Store, three: list[str]) -> None:
    store.down, store.retry_after = True, "1800"
    send_due_statements()
    held = Statement.objects.earliest("next_attempt_at").next_attempt_at
    assert held > timezone.now() + timedelta(minutes=29)


def test_rejected_statement_does_not_block_others(store: Store, three: list[str]) -> None:
    store.dislikes = {three[1]}
    send_due_statements()
    assert set(store.statements) == {three[0], three[2]}
    left = Statement.objects.get()
    assert (str(left.pk), left.refusal) == (three[1], "status 400")
    send_due_statements(now=timezone.now() + LATER)
    assert sum(three[1] in ids for ids in store.requests) == 2  # not tried for ever


def test_conflicting_statement_is_deleted(store: Store, three: list[str]) -> None:
    store.statements[three[0]] = {}
    assert send_due_statements() == 3
    assert not Statement.objects.exists()


def test_store_failure_within_batch_is_backed_off(
    store: Store, three: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    store.dislikes = {three[0]}

    class Requests(list[list[str]]):
        def append(self, ids: list[str]) -> None:
            super().append(ids)
            store.down = len(self) > 2

    store.requests = Requests()
    send_due_statements()
    assert store.statements == {}
    assert len(store.requests) == 3
    waiting = Statement.objects.filter(refusal="")
    assert waiting.count() == 2
    assert all(statement.next_attempt_at > timezone.now() for statement in waiting)


def test_statements_are_claimed_once(store: Store, three: list[str]) -> None:
    assert len(claim_batch()) == 3
    assert claim_batch() == []
    assert send_due_statements() == 0
    assert store.requests == []
    assert (
        send_due_statements(now=timezone.now() + timedelta(seconds=61)) == 3
    )  # whoever claimed died


def test_statements_are_dropped_after_a_week(store: Store, three: list[str]) -> None:
    store.down = True
    send_due_statements(now=timezone.now() + timedelta(days=8))
    assert not Statement.objects.exists()


def test_switching_off_deletes_waiting_statements(
    store: Store, three: list[str], settings: Settings
) -> None:
    settings.XAPI_URL = ""
    assert send_due_statements() == 0
    assert store.requests == []
    assert not Statement.objects.exists()


@pytest.mark.parametrize("path", ["/redirect", "/no-http"])
def test_hostile_store_is_backed_off(three: list[str], settings: Settings, path: str) -> None:
    with hostile_server() as server:
        settings.XAPI_URL = f"{server.url}{path}?"
        assert send_due_statements() == 0
        assert send_due_statements() == 0
        assert len(server.requested_paths) == 1


def test_private_address_needs_local(store: Store, three: list[str], settings: Settings) -> None:
    settings.XAPI_LOCAL = False
    assert send_due_statements() == 0
    assert store.requests == []
    settings.XAPI_URL = store.url.replace("http:", "https:")
    assert send_due_statements(now=timezone.now() + LATER) == 0
    assert store.requests == []


def test_backoff_doubles_up_to_an_hour() -> None:
    assert 5 <= compute_backoff_s(1) <= 10
    assert 40 <= compute_backoff_s(4) <= 80
    assert 1800 <= compute_backoff_s(60) <= 3600
    assert compute_backoff_s(1, retry_after=100) == 100
    assert compute_backoff_s(1, retry_after=10**9) == 3600


def test_invalid_settings_fail_system_check(xapi_on: Settings) -> None:
    def errors() -> set[str | None]:
        return {found.id for found in check_record_store()}

    assert errors() == set()
    xapi_on.XAPI_URL, xapi_on.XAPI_SECRET, xapi_on.PUBLIC_URL = "http://lrs.example.org", "", ""
    assert errors() == {"xapi.E001", "xapi.E002", "xapi.E003"}
