"""Wrong passwords at the administration's login."""

import pytest
from django.test import Client
from pytest_django import Settings

from fer_lms.people import login_limits
from fer_lms.people.login_limits import ACCOUNT, ADDRESS, PAIR, AttemptCounter
from fer_lms.people.models import User

PASSWORD = "a right password"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fast_passwords(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.DEMO = False
    monkeypatch.setattr(login_limits, "attempts", AttemptCounter())
    User.objects.create_superuser("admin", password=PASSWORD)
    User.objects.create_superuser("other", password=PASSWORD)


def log_in(password: str, *, name: str = "admin", address: str = "192.0.2.1") -> bool:
    """Return whether the login succeeds."""
    response = Client(REMOTE_ADDR=address).post(
        "/admin/login/", {"username": name, "password": password}
    )
    return response.status_code == 302


def test_right_password_is_refused_after_too_many_wrong_ones() -> None:
    for _ in range(PAIR.max_attempts):
        assert not log_in("wrong")
    assert not log_in(PASSWORD)
    assert not log_in(PASSWORD, name="ADMIN")


def test_others_can_still_log_in() -> None:
    for _ in range(PAIR.max_attempts):
        log_in("wrong")
    assert log_in(PASSWORD, name="other")
    assert log_in(PASSWORD, address="192.0.2.2")


def test_right_password_resets_the_count() -> None:
    for _ in range(3):
        for _ in range(PAIR.max_attempts - 1):
            log_in("wrong")
        assert log_in(PASSWORD)


def test_many_accounts_from_one_address_are_limited() -> None:
    for number in range(ADDRESS.max_attempts):
        log_in("wrong", name=f"name{number}")
    assert not log_in(PASSWORD)


def test_one_account_from_many_addresses_is_limited() -> None:
    for number in range(ACCOUNT.max_attempts):
        log_in("wrong", address=f"192.0.2.{number}")
    assert not log_in(PASSWORD, address="198.51.100.1")
    assert log_in(PASSWORD, name="other", address="198.51.100.1")


def test_attempts_are_forgotten_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(PAIR.max_attempts):
        log_in("wrong")
    monkeypatch.setattr(login_limits, "WINDOW_S", 0)
    assert log_in(PASSWORD)


def test_a_client_cannot_choose_its_address(settings: Settings) -> None:
    settings.SECURE_PROXY_SSL_HEADER = None
    for number in range(PAIR.max_attempts):
        Client(REMOTE_ADDR="192.0.2.1", headers={"x-forwarded-for": f"10.0.0.{number}"}).post(
            "/admin/login/", {"username": "admin", "password": "wrong"}
        )
    assert not log_in(PASSWORD)


def test_the_proxy_states_the_address(settings: Settings) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.SECURE_SSL_REDIRECT = False
    for number in range(PAIR.max_attempts):
        Client(headers={"x-forwarded-for": f"10.0.0.{number}, 192.0.2.9"}).post(
            "/admin/login/", {"username": "admin", "password": "wrong"}
        )
    refused = Client(headers={"x-forwarded-for": "1.2.3.4, 192.0.2.9"}).post(
        "/admin/login/", {"username": "admin", "password": PASSWORD}
    )
    assert refused.status_code == 200


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(login_limits, "MAX_KEYS", 10)
    counter = AttemptCounter()
    for number in range(100):
        assert counter.add((str(number),), 1)
    assert not counter.add(("99",), 1)
    assert counter.add(("1",), 1)
