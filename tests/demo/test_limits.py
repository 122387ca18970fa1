import pytest
from django.test import Client
from pytest_django import Settings

from fer_lms.demo.actions import ensure_demo_data
from fer_lms.demo.checks import check_demo_isolation
from tests.factories import make_user

ELSEWHERE = ["lms.example", "192.168.1.4:8000", "localhost.evil.example", "127.0.0.1.nip.io", ""]
FORWARDED = ["Forwarded", "X-Forwarded-For", "X-Forwarded-Proto", "X-Real-IP", "Via"]


@pytest.mark.parametrize("host", ["localhost", "localhost:8123", "127.0.0.1:8000"])
def test_local_host_is_accepted(demo: Settings, host: str) -> None:
    assert Client().get("/api/schema/", headers={"host": host}).status_code == 200


@pytest.mark.parametrize("host", ELSEWHERE)
def test_other_host_is_refused(demo: Settings, host: str) -> None:
    answer = Client().get("/api/schema/", headers={"host": host})
    assert answer.status_code == 403
    assert "available only on the machine it runs on" in answer.content.decode()


@pytest.mark.parametrize("header", FORWARDED)
def test_proxied_request_is_refused(demo: Settings, header: str) -> None:
    headers = {"host": "localhost", header: "127.0.0.1"}
    assert Client().get("/api/schema/", headers=headers).status_code == 403


def test_demo_users_pass_check(demo: Settings) -> None:
    ensure_demo_data()
    assert check_demo_isolation() == []


def test_real_users_fail_check(demo: Settings) -> None:
    make_user()
    assert [refusal.id for refusal in check_demo_isolation()] == ["demo.E001"]


def test_leftover_demo_users_are_reported(demo: Settings) -> None:
    ensure_demo_data()
    demo.DEMO = False
    assert [warning.id for warning in check_demo_isolation()] == ["demo.W001"]
