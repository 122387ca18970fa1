"""Webhooks: signed, retried, never to a private network, and nothing of a person in them."""

import base64
import contextlib
import hashlib
import hmac
import json
import re
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from fer_lms.integrations.delivery import (
    DELAYS_S,
    LOG_RETENTION,
    claim_delivery,
    send_due_deliveries,
)
from fer_lms.integrations.models import Webhook, WebhookDelivery
from fer_lms.integrations.webhooks import create_webhook, get_secret, queue_report_ready
from fer_lms.lessons.actions import end_session
from fer_lms.lessons.models import Enrolment, LessonSession
from fer_lms.outbound import AddressRefused
from fer_lms.people.models import User
from fer_lms.reports.actions import freeze_report
from fer_lms.rights.retention import purge_expired
from tests.factories import make_learner, make_session, make_teacher

pytestmark = pytest.mark.django_db
NAME = "Unmistakable"


class Receiver(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Conversation)
        self.received: list[tuple[dict[str, str], bytes]] = []
        self.status = 204
        self.retry_after = ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/reports"


class Conversation(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.received.append((headers, body))
        self.send_response(self.server.status)
        if self.server.retry_after:
            self.send_header("Retry-After", self.server.retry_after)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@contextlib.contextmanager
def receiver_running() -> Iterator[Receiver]:
    with Receiver() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join(timeout=5)


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    settings.WEBHOOK_LOCAL_HOSTS = ["127.0.0.1"]
    settings.PUBLIC_URL = "https://fer.example"
    with receiver_running() as server:
        yield server


@pytest.fixture
def teacher(session: LessonSession) -> User:
    return make_teacher(session).user


@pytest.fixture
def webhook(receiver: Receiver, session: LessonSession, teacher: User) -> Webhook:
    return create_webhook(maker=teacher, course=session.lesson.course, url=receiver.url)


def is_signed(headers: dict[str, str], body: bytes, secret: str) -> bool:
    """Verify as a receiver does, from the specification."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    return f"v1,{expected}" in headers["webhook-signature"].split(" ")


def test_a_final_report_is_announced_once(
    receiver: Receiver, webhook: Webhook, session: LessonSession
) -> None:
    make_learner(session, first_name=NAME)
    assert send_due_deliveries() == 0
    end_session(session=session)
    assert freeze_report(session=session)
    freeze_report(session=session)
    assert [send_due_deliveries(), send_due_deliveries()] == [1, 0]
    [(headers, body)] = receiver.received
    minute = WebhookDelivery.objects.get().queued_at.replace(second=0, microsecond=0)
    assert json.loads(body) == {
        "type": "report.ready",
        "timestamp": minute.isoformat(),
        "data": {
            "course_id": session.lesson.course_id,
            "lesson_id": session.lesson_id,
            "session_id": str(session.pk),
            "report": f"https://fer.example/api/v1/sessions/{session.pk}/report",
        },
    }
    assert headers["content-type"] == "application/json"
    assert is_signed(headers, body, get_secret(webhook))
    age = timezone.now().timestamp() - int(headers["webhook-timestamp"])
    assert 0 <= age < 60


def test_only_webhooks_of_the_course_are_told(receiver: Receiver, webhook: Webhook) -> None:
    queue_report_ready(make_session())
    assert not WebhookDelivery.objects.exists()


@pytest.mark.parametrize("part", ["id", "timestamp", "body", "secret"])
def test_a_changed_message_is_not_signed(
    receiver: Receiver, webhook: Webhook, session: LessonSession, part: str
) -> None:
    queue_report_ready(session)
    send_due_deliveries()
    [(headers, body)] = receiver.received
    secret = get_secret(webhook)
    if part == "body":
        body += b" "
    elif part == "secret":
        secret = get_secret(Webhook(url=webhook.url))
    else:
        headers[f"webhook-{part}"] += "1"
    assert not is_signed(headers, body, secret)


def test_a_replaced_secret_key_signs_beside_the_new_one(
    receiver: Receiver, webhook: Webhook, session: LessonSession, settings: Settings
) -> None:
    old = get_secret(webhook)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new", [settings.SECRET_KEY]
    assert get_secret(webhook) != old
    queue_report_ready(session)
    send_due_deliveries()
    [(headers, body)] = receiver.received
    assert is_signed(headers, body, old)
    assert is_signed(headers, body, get_secret(webhook))


def test_a_refused_message_is_sent_again_with_its_id(
    receiver: Receiver, webhook: Webhook, session: LessonSession
) -> None:
    queue_report_ready(session)
    receiver.status, now = 500, timezone.now()
    assert send_due_deliveries(now=now) == 0
    assert send_due_deliveries(now=now + timedelta(seconds=1)) == 0  # not due yet
    assert WebhookDelivery.objects.get().outcome == "status 500"
    receiver.status = 200
    assert send_due_deliveries(now=now + timedelta(seconds=10)) == 1
    ids = [headers["webhook-id"] for headers, _ in receiver.received]
    assert len(ids) == 2
    assert len(set(ids)) == 1
    delivery = WebhookDelivery.objects.get()
    assert (delivery.outcome, delivery.attempts) == ("status 200", 2)
    assert delivery.delivered_at is not None


def test_attempts_end_and_stop_the_webhook(
    receiver: Receiver, webhook: Webhook, session: LessonSession
) -> None:
    queue_report_ready(session)
    receiver.status, now = 500, timezone.now()
    for _ in range(len(DELAYS_S) + 3):
        send_due_deliveries(now=now)
        now += timedelta(days=2)
    assert len(receiver.received) == len(DELAYS_S) + 1
    webhook.refresh_from_db()
    assert webhook.stopped == Webhook.Stopped.FAILED
    queue_report_ready(session)
    assert WebhookDelivery.objects.count() == 1


def test_gone_stops_the_webhook_at_once(
    receiver: Receiver, webhook: Webhook, session: LessonSession
) -> None:
    queue_report_ready(session)
    receiver.status = 410
    send_due_deliveries()
    webhook.refresh_from_db()
    assert webhook.stopped == Webhook.Stopped.GONE
    assert WebhookDelivery.objects.get().next_attempt_at is None


def test_retry_after_is_respected(
    receiver: Receiver, webhook: Webhook, session: LessonSession
) -> None:
    queue_report_ready(session)
    receiver.status, receiver.retry_after, now = 503, "1800", timezone.now()
    send_due_deliveries(now=now)
    due = WebhookDelivery.objects.get().next_attempt_at
    assert due is not None
    assert due >= now + timedelta(seconds=1800)


def test_a_process_that_dies_while_sending_delays_by_one_lease(
    receiver: Receiver, webhook: Webhook, session: LessonSession
) -> None:
    queue_report_ready(session)
    assert claim_delivery() is not None
    assert claim_delivery() is None
    assert send_due_deliveries(now=timezone.now() + timedelta(minutes=2)) == 1


def test_nothing_is_sent_without_the_right_of_the_maker(
    receiver: Receiver, webhook: Webhook, session: LessonSession
) -> None:
    queue_report_ready(session)
    Enrolment.objects.update(active=False)
    queue_report_ready(session)
    assert WebhookDelivery.objects.count() == 1
    assert send_due_deliveries() == 0
    assert not receiver.received
    purge_expired()
    assert not Webhook.objects.exists()


def test_private_addresses_get_nothing(
    receiver: Receiver, webhook: Webhook, session: LessonSession, settings: Settings
) -> None:
    """Also one that was allowed when the webhook was made."""
    settings.WEBHOOK_LOCAL_HOSTS = []
    queue_report_ready(session)
    Webhook.objects.update(url=receiver.url.replace("http:", "https:"))
    send_due_deliveries()
    assert WebhookDelivery.objects.get().outcome == "forbidden_address"
    assert not receiver.received


@pytest.mark.parametrize(
    "url", ["http://example.org/", "https://user:password@example.org/", "ftp://example.org/", "x"]
)
def test_unsafe_addresses_are_refused(session: LessonSession, teacher: User, url: str) -> None:
    with pytest.raises(AddressRefused):
        create_webhook(maker=teacher, course=session.lesson.course, url=url)


def test_the_log_is_emptied(receiver: Receiver, webhook: Webhook, session: LessonSession) -> None:
    queue_report_ready(session)
    now = timezone.now()
    purge_expired(now=now + LOG_RETENTION - timedelta(days=1))
    assert WebhookDelivery.objects.exists()
    purge_expired(now=now + LOG_RETENTION + timedelta(days=1))
    assert not WebhookDelivery.objects.exists()


def test_a_demonstration_sends_nothing(
    webhook: Webhook, session: LessonSession, settings: Settings
) -> None:
    settings.DEMO = True
    queue_report_ready(session)
    assert not WebhookDelivery.objects.exists()


# --- the page -------------------------------------------------------------------------------------


@pytest.fixture
def page(client: Client, teacher: User) -> Client:
    client.force_login(teacher)
    return client


def read_made(page: str) -> str:
    [made] = re.findall(r'data-testid="made">([^<]+)<', page)
    return str(made)


def test_a_token_made_on_the_page_is_shown_once(page: Client, session: LessonSession) -> None:
    fields = {
        "csrfmiddlewaretoken": "a-page",
        "course": session.lesson.course_id,
        "name": "Sheet",
        "scopes": ["lessons.read"],
        "days": "30",
    }
    value = read_made(page.post("/api-access/tokens/", fields).content.decode())
    assert Client().get("/api/v1/courses/", headers={"Authorization": f"Bearer {value}"}).json()
    again = page.post("/api-access/tokens/", fields)  # the button pressed twice
    assert again.headers["Location"] == "/api-access/"
    text = page.get("/api-access/").content.decode()
    assert value not in text
    assert text.count("Sheet") == 2
    [path] = re.findall(r'action="(/api-access/tokens/\d+/revoke)"', text)
    page.post(path)
    assert "Sheet" not in page.get("/api-access/").content.decode()


def test_a_webhook_made_on_the_page_shows_its_secret_once(
    page: Client, session: LessonSession, receiver: Receiver
) -> None:
    fields = {"course": session.lesson.course_id, "url": receiver.url}
    secret = read_made(page.post("/api-access/webhooks/", fields).content.decode())
    assert secret == get_secret(Webhook.objects.get())
    queue_report_ready(session)
    send_due_deliveries()
    text = page.get("/api-access/").content.decode()
    assert secret not in text
    assert "delivered" in text
    page.post(f"/api-access/webhooks/{Webhook.objects.get().pk}/remove")
    assert not Webhook.objects.exists()


def test_the_page_is_for_own_courses(page: Client, session: LessonSession, teacher: User) -> None:
    other = make_session()
    for kind, fields in (
        ("tokens", {"name": "x", "scopes": ["lessons.read"], "days": "30"}),
        ("webhooks", {"url": "https://example.org/"}),
    ):
        answer = page.post(f"/api-access/{kind}/", fields | {"course": other.lesson.course_id})
        assert answer.status_code == 400
    webhook = create_webhook(
        maker=make_teacher(other).user, course=other.lesson.course, url="https://example.org/"
    )
    page.post(f"/api-access/webhooks/{webhook.pk}/remove")
    assert Webhook.objects.filter(pk=webhook.pk).exists()
