"""`Idempotency-Key` and `X-Page-Person`, for every writing route of the API.

A new route that writes fails here until `WRITES` has a body for it.
"""

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test.client import BOUNDARY, MULTIPART_CONTENT, Client, encode_multipart
from django.utils import timezone

from fer_lms.api.idempotency import SAFE_METHODS
from fer_lms.consent.queries import get_current_text_version
from fer_lms.engagement.models import ObservationWindow
from fer_lms.lessons.content.transfer import export_lesson
from fer_lms.lessons.models import Question
from fer_lms.people.models import RequestKey
from fer_lms.people.page_person import compute_page_person
from fer_lms.rights.retention import purge_expired
from tests.access.actors import Actor
from tests.access.routes import Route, all_routes
from tests.access.world import World, make_world
from tests.factories import make_lesson
from tests.lessons.pictures import photograph

SESSION = "v1/sessions/<uuid:session_id>/"
LESSON = "v1/lessons/<int:lesson_id>/"


def get_spec(world: World) -> dict[str, Any]:
    client = world.clients[Actor.TEACHER]
    rules = client.get(f"/api/v1/lessons/{world.session.lesson_id}/rules/").json()["rules"]
    return dict(next(rule["spec"] for rule in rules if rule["editable"]))


def get_window_start(world: World) -> str:
    start: datetime = ObservationWindow.objects.filter(participant=world.learner)[0].start_at
    return start.isoformat()


def get_steps(world: World) -> list[int]:
    return list(world.session.lesson.steps.values_list("pk", flat=True))


Body = Callable[[World], Any]
WRITES: dict[tuple[str, str], Body] = {
    (SESSION, "PATCH"): lambda w: {"closes_at": (timezone.now() + timedelta(hours=1)).isoformat()},
    (SESSION + "consent", "POST"): lambda w: {
        "text_version": get_current_text_version(),
        "capture": True,
    },
    (SESSION + "consent", "PATCH"): lambda w: {"own_view": False},
    (SESSION + "consent", "DELETE"): lambda w: None,
    (SESSION + "events", "POST"): lambda w: {"events": [{"kind": "idle"}]},
    (SESSION + "answers", "POST"): lambda w: {"step_id": get_steps(w)[0], "answer": "1"},
    (SESSION + "hints", "POST"): lambda w: {"step_id": get_steps(w)[0]},
    (SESSION + "hints/<int:hint_id>/answer", "POST"): lambda w: {"answer": "yes"},
    (SESSION + "hints/<int:hint_id>/timing", "POST"): lambda w: {"timing": "right"},
    (SESSION + "baseline", "DELETE"): lambda w: None,
    (SESSION + "teacher-notifications/<int:notification_id>/seen", "POST"): lambda w: None,
    (SESSION + "words/<int:notification_id>/seen", "POST"): lambda w: None,
    (SESSION + "end", "POST"): lambda w: None,
    (SESSION + "leave", "POST"): lambda w: None,
    (SESSION + "my-report/correction", "POST"): lambda w: {
        "start": get_window_start(w),
        "value": "fine",
    },
    (SESSION + "my-report/word", "POST"): lambda w: {
        "start": get_window_start(w),
        "value": "fine",
    },
    ("v1/lessons/<int:lesson_id>/sessions/", "POST"): lambda w: {"closes_at": None},
    (LESSON, "PUT"): lambda w: {"title": "Another title"},
    (LESSON + "steps/", "POST"): lambda w: {"title": "One more"},
    (LESSON + "steps/", "PUT"): lambda w: {
        "steps": get_steps(w)[::-1],
        "base": get_steps(w),
    },
    (LESSON + "rules/", "POST"): lambda w: {"title": "Mine", "spec": get_spec(w)},
    (LESSON + "rules/preview", "POST"): lambda w: {"spec": get_spec(w)},
    (LESSON + "rules/switch", "POST"): lambda w: {"off": True},
    (LESSON + "rules/<int:rule_id>", "DELETE"): lambda w: None,
    (LESSON + "rules/<int:rule_id>/versions", "POST"): lambda w: {
        "spec": get_spec(w),
        "base": 1,
    },
    (LESSON + "groups/", "POST"): lambda w: {"title": "Birds", "members": []},
    (LESSON + "groups/<int:group_id>", "PUT"): lambda w: {"title": "Fish", "members": []},
    (LESSON + "groups/<int:group_id>", "DELETE"): lambda w: None,
    ("v1/rules/switch", "POST"): lambda w: {"off": True},
    ("v1/courses/<int:course_id>/lessons/", "POST"): lambda w: {"title": "New"},
    ("v1/courses/<int:course_id>/lessons/import", "POST"): lambda w: {
        "file": SimpleUploadedFile("a.zip", export_lesson(make_lesson()))
    },
    ("v1/steps/<int:step_id>/", "PUT"): lambda w: {"title": "Other", "revision": 0},
    ("v1/steps/<int:step_id>/", "DELETE"): lambda w: None,
    ("v1/steps/<int:step_id>/picture", "PUT"): lambda w: {
        "file": SimpleUploadedFile("a.jpg", photograph()),
        "alternative_text": "A bar",
    },
    ("v1/steps/<int:step_id>/picture", "PATCH"): lambda w: {"alternative_text": "Two bars"},
    ("v1/steps/<int:step_id>/picture", "DELETE"): lambda w: None,
    ("v1/markdown", "POST"): lambda w: {"markdown": "*a*"},
    ("v1/me/profile", "PATCH"): lambda w: {"hints_muted": True},
    ("v1/me/snooze", "DELETE"): lambda w: None,
    ("v1/me/left-alone", "DELETE"): lambda w: None,
    ("v1/me/thresholds", "PUT"): lambda w: {
        "thresholds": [{"evidence": "frustration", "shift": 0.1}]
    },
}
LESSON_DELETE = (LESSON, "DELETE")
"""Refused in the world of these tests: the lesson has a session."""


def list_writes() -> list[tuple[Route, str]]:
    return [
        (route, method)
        for route in all_routes("fer_lms.api.urls")
        for method in sorted(route.methods or ())
        if method not in SAFE_METHODS
    ]


def test_every_writing_route_has_a_row() -> None:
    routes = {(route.path, method) for route, method in list_writes()}
    assert routes == WRITES.keys() | {LESSON_DELETE}


@pytest.fixture(scope="module")
def shared_world(
    django_db_setup: None, django_db_blocker: pytest.FixtureRequest
) -> Iterator[World]:
    with django_db_blocker.unblock(), transaction.atomic():  # type: ignore[attr-defined]
        world = make_world()
        step = world.session.lesson.steps.order_by("position")[0]
        world.session.started_at = timezone.now()
        world.session.save()
        Question.objects.create(step=step, kind="number", prompt="1?", number=1)
        yield world
        transaction.set_rollback(True)


@pytest.fixture
def world(shared_world: World, db: None) -> World:
    return shared_world


def get_client(world: World, route: str) -> Client:
    if "me/" in route or "sessions/<uuid" in route:
        teachers = ("end", "seen", SESSION)
        is_teacher = route == SESSION or route.endswith(teachers[:2])
        return world.clients[Actor.TEACHER if is_teacher else Actor.LEARNER]
    return world.clients[Actor.ADMINISTRATOR if route == "v1/rules/switch" else Actor.TEACHER]


def get_address(world: World, route: Route) -> str:
    return "/api" + route.address(world.values)


def send(address: str, method: str, body: Any, client: Client, **headers: str) -> Any:
    content_type = "application/json"
    if isinstance(body, dict) and "file" in body:
        body["file"].seek(0)
        data, content_type = encode_multipart(BOUNDARY, body), MULTIPART_CONTENT
    else:
        data = b"" if body is None else json.dumps(body).encode()
    return client.generic(method, address, data, content_type, headers=headers)


def dump_database() -> dict[str, list[Any]]:
    """Return every row but those of logins."""
    return {
        model._meta.label: list(model._base_manager.order_by("pk").values())
        for model in apps.get_models()
        if model._meta.label != "sessions.Session" and model._meta.managed
    }


def parse_body(response: Any) -> Any:
    return json.loads(response.content) if response.content else None


@pytest.mark.parametrize(
    ("route", "method"), list_writes(), ids=lambda value: getattr(value, "path", value)
)
def test_repeated_write_counts_once(world: World, route: Route, method: str) -> None:
    if (route.path, method) == LESSON_DELETE:
        return
    body, client = WRITES[route.path, method](world), get_client(world, route.path)
    address = get_address(world, route)
    first = send(address, method, body, client, **{"Idempotency-Key": "k-1"})
    assert 200 <= first.status_code < 300, first.content
    stored = dump_database()
    second = send(address, method, body, client, **{"Idempotency-Key": "k-1"})
    assert second.status_code == first.status_code
    assert parse_body(second) == parse_body(first)
    assert dump_database() == stored


@pytest.mark.parametrize(
    ("route", "method"), list_writes(), ids=lambda value: getattr(value, "path", value)
)
def test_write_of_a_page_for_somebody_else_is_refused(
    world: World, route: Route, method: str
) -> None:
    body = WRITES[route.path, method](world) if (route.path, method) in WRITES else None
    client = get_client(world, route.path)
    stored = dump_database()
    page = compute_page_person(world.people[Actor.CLASSMATE])
    refused = send(
        get_address(world, route),
        method,
        body,
        client,
        **{"X-Page-Person": page, "Idempotency-Key": "k-2"},
    )
    assert (refused.status_code, refused.json()["reason"]) == (409, "other_person")
    assert dump_database() == stored


def test_page_of_the_person_writes(world: World) -> None:
    route = next(route for route, _ in list_writes() if route.path == "v1/me/profile")
    page = compute_page_person(world.learner.user)
    client = world.clients[Actor.LEARNER]
    assert f'data-person="{page}"' in client.get("/me/").content.decode()
    changed = send(
        get_address(world, route), "PATCH", {"hints_muted": True}, client, **{"X-Page-Person": page}
    )
    assert changed.status_code == 200


def test_refused_request_is_executed_again(world: World) -> None:
    route = next(r for r, method in list_writes() if r.path == LESSON + "groups/")
    client = world.clients[Actor.TEACHER]
    headers = {"Idempotency-Key": "k-3"}
    assert (
        send(get_address(world, route), "POST", {"title": ""}, client, **headers).status_code == 400
    )
    assert not RequestKey.objects.exists()
    assert (
        send(get_address(world, route), "POST", {"title": "Bees"}, client, **headers).status_code
        == 201
    )


def test_key_belongs_to_one_request_and_person(world: World) -> None:
    groups = next(r for r, _ in list_writes() if r.path == LESSON + "groups/")
    profile = next(r for r, _ in list_writes() if r.path == "v1/me/profile")
    client = world.clients[Actor.TEACHER]
    headers = {"Idempotency-Key": "k-4"}
    assert (
        send(get_address(world, groups), "POST", {"title": "Ants"}, client, **headers).status_code
        == 201
    )
    assert send(get_address(world, profile), "PATCH", {}, client, **headers).status_code == 422
    learner = world.clients[Actor.LEARNER]
    assert send(get_address(world, profile), "PATCH", {}, learner, **headers).status_code == 200


@pytest.mark.parametrize("key", ["", "x" * 65, "ä", "a b"])
def test_invalid_key_is_refused(world: World, key: str) -> None:
    route = next(r for r, _ in list_writes() if r.path == LESSON + "groups/")
    client = world.clients[Actor.TEACHER]
    refused = send(
        get_address(world, route), "POST", {"title": "x"}, client, **{"Idempotency-Key": key}
    )
    assert (refused.status_code, refused.json()["reason"]) == (400, "invalid_idempotency_key")


def test_failed_write_leaves_no_key(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    route = next(r for r, _ in list_writes() if r.path == LESSON + "groups/")

    def fail(**_: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr("fer_lms.api.rules.views.create_group", fail)
    client = world.clients[Actor.TEACHER]
    headers = {"Idempotency-Key": "k-5"}
    assert (
        send(get_address(world, route), "POST", {"title": "Cows"}, client, **headers).status_code
        == 500
    )
    assert not RequestKey.objects.exists()


def test_keys_are_deleted_after_a_day(world: World) -> None:
    route = next(r for r, _ in list_writes() if r.path == LESSON + "groups/")
    client = world.clients[Actor.TEACHER]
    send(get_address(world, route), "POST", {"title": "Elk"}, client, **{"Idempotency-Key": "k-6"})
    assert purge_expired(now=timezone.now() + timedelta(hours=23))["request_keys"] == 0
    assert purge_expired(now=timezone.now() + timedelta(hours=25))["request_keys"] == 1
