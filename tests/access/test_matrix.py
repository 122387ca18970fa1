"""Requests every route with every method as every actor and compares with matrix.py."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast
from unittest import mock

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import override_settings

from fer_lms.api import authentication
from tests.access.actors import Actor
from tests.access.matrix import (
    ADMINISTRATION,
    BY_PROOF,
    FOR_EVERYONE_IN_ADMINISTRATION,
    MATRIX,
    MAY_IDENTIFY_LEARNER,
    NAMES_LEARNERS,
    size_in_words,
)
from tests.access.routes import METHODS, Route, all_routes
from tests.access.world import ISSUER, SUBJECT, World, make_world

pytestmark = pytest.mark.django_db
URLS = "tests.demo.urls"
BODY = json.dumps({"issuer": ISSUER, "subject": SUBJECT}).encode()
LOOPBACK = {"host": "localhost"}
"""Metrics are given to requests for a loopback name only."""
REFUSALS = {401, 403, 404, 405, 410}
ENTRANCES = ("/demo/", "/admin/login/")
PROBED_BY = (Actor.ANONYMOUS, Actor.LEARNER, Actor.TEACHER, Actor.ADMINISTRATOR)
"""Methods tried on function views."""
STRANGERS_TO_ADMINISTRATION = (
    ("GET", Actor.ANONYMOUS),
    ("GET", Actor.TEACHER),
    ("POST", Actor.TEACHER),
)
"""Django checks is_staff first, so one address per admin page type suffices."""


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[World]:
    """Created once; every request is rolled back."""
    with (
        django_db_blocker.unblock(),  # type: ignore[attr-defined]
        override_settings(DEMO=True, ROOT_URLCONF=URLS),
        mock.patch.object(authentication, "MAX_INVALID_TOKENS", 10_000),  # platforms' tokens
        transaction.atomic(),
    ):
        yield make_world()
        transaction.set_rollback(True)


ROUTES = [route for route in all_routes(URLS) if not route.path.startswith(ADMINISTRATION)]
OF_ADMINISTRATION = [route for route in all_routes(URLS) if route not in ROUTES]


def test_every_route_is_in_matrix() -> None:
    written = MATRIX.keys() | BY_PROOF.keys()
    missing = [f'    "{route.path}": {{...}},' for route in ROUTES if route.path not in written]
    assert not missing, (
        "Routes without a row: say in tests/access/matrix.py who may ask what.\n"
        + "\n".join(missing)
    )


def test_security_page_states_number_of_rows() -> None:
    page = Path(__file__).parents[2] / "docs" / "administrator" / "security.md"
    assert size_in_words() in " ".join(page.read_text(encoding="utf-8").split())


def test_every_row_has_route() -> None:
    written = {route.path for route in ROUTES}
    gone = [path for path in [*MATRIX, *BY_PROOF] if path not in written]
    assert not gone, f"tests/access/matrix.py has rows for routes that are no longer there: {gone}"


@pytest.mark.parametrize(
    "route",
    [route for route in ROUTES if route.path in MATRIX],
    ids=lambda route: route.path or "home",
)
def test_access_matrix(world: World, route: Route) -> None:
    row = MATRIX[route.path]
    assert route.methods in (None, frozenset(row)), "a row says who may use each method"
    unwritten = [] if route.methods else [method for method in METHODS if method not in row]
    faults = [
        fault
        for method in [*row, *unwritten]
        for actor in (Actor if method in row else PROBED_BY)
        if (fault := find_fault(world, route, method, actor, allowed=actor in row.get(method, ())))
    ]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(
    "route", [route for route in ROUTES if route.path in BY_PROOF], ids=lambda route: route.path
)
def test_missing_proof_is_rejected(world: World, route: Route) -> None:
    answers = {
        (method, actor): send_request(world, route, method, actor).status_code
        for method in METHODS
        for actor in PROBED_BY
    }
    allowed = {who: status for who, status in answers.items() if not 400 <= status < 500}
    assert not allowed


def test_admin_is_for_administrators(world: World) -> None:
    assert len(OF_ADMINISTRATION) > 50
    closed = [
        route for route in OF_ADMINISTRATION if route.path not in FOR_EVERYONE_IN_ADMINISTRATION
    ]
    faults = [
        fault
        for route in closed
        for method, actor in STRANGERS_TO_ADMINISTRATION
        if (fault := find_fault(world, route, method, actor, allowed=False))
    ]
    assert not faults, "\n".join(faults)
    index = next(route for route in closed if route.path == ADMINISTRATION)
    assert find_fault(world, index, "GET", Actor.ADMINISTRATOR, allowed=True) is None


def find_fault(
    world: World, route: Route, method: str, actor: Actor, *, allowed: bool
) -> str | None:
    answer = send_request(world, route, method, actor)
    result = f"{method} /{route.path} by {actor.value}: {answer.status_code}"
    if answer.status_code == 500:
        return f"{result}, a crash"
    if refused(answer, world.address_of(route, actor)) == allowed:
        return f"{result}, but tests/access/matrix.py says {'allowed' if allowed else 'refused'}"
    if actor in MAY_IDENTIFY_LEARNER | NAMES_LEARNERS.get(route.path, frozenset()):
        return None
    found = [trace for trace in world.traces() if trace in text_of(answer)]
    return f"{result} identifies the learner: {found}" if found else None


def send_request(world: World, route: Route, method: str, actor: Actor) -> HttpResponse:
    with transaction.atomic():
        answer: Any = world.clients[actor].generic(
            method,
            world.address_of(route, actor),
            b"" if method == "GET" else BODY,
            content_type="application/json",
            headers=LOOPBACK | world.headers.get(actor, {}),
        )
        transaction.set_rollback(True)
    return cast(HttpResponse, answer)


def refused(answer: HttpResponse, address: str) -> bool:
    if answer.status_code in REFUSALS:
        return True
    target = answer.headers.get("Location", "")
    return target.startswith(ENTRANCES) or (target == "/" and address != "/")


def text_of(answer: HttpResponse) -> str:
    content = b"".join(answer) if answer.streaming else answer.content
    return content.decode(errors="replace")
