"""Everything that a teacher can get is in the table of attacks and reasons."""

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib import admin
from django.core.management import get_commands
from django.test import Client
from django.urls import reverse
from prometheus_client import REGISTRY

from fer_lms.api.reports.serializers import ReportSerializer
from fer_lms.lessons.models import LessonSession
from fer_lms.people import read_only
from fer_lms.reports.statements import send_class_metrics
from fer_lms.streaming.web import metrics
from fer_lms.xapi import actions as xapi_actions
from tests.access.routes import all_routes
from tests.bench.disclosure.attacks import ATTACKS
from tests.bench.disclosure.live_attacks import LIVE_ATTACKS
from tests.bench.disclosure.measuring import HINT_ARRIVAL
from tests.bench.disclosure.rule_attacks import RULE_ATTACKS
from tests.disclosure import reach
from tests.factories import make_teacher

CODE = Path(settings.BASE_DIR) / "fer_lms"
RELEASING_APPS = ("disclosure", "reports", "rules", "engagement")


def test_every_route_is_listed() -> None:
    routes = {route.path for route in all_routes(settings.ROOT_URLCONF)}
    listed = {
        path for path in routes if path.startswith(reach.ADMIN_PREFIX) and path not in reach.ROUTES
    }
    assert routes - listed == set(reach.ROUTES)
    assert {
        route.path.startswith(reach.DEMO_PREFIX) or route.path in routes
        for route in all_routes("tests.demo.urls")
    } == {True}


def test_every_key_of_a_report_is_listed() -> None:
    assert set(list_keys(ReportSerializer())) == set(reach.REPORT_KEYS)


def list_keys(serializer: Any, path: str = "", depth: int = 0) -> Iterator[str]:
    """List keys to the third level; deeper ones belong to one figure."""
    fields = getattr(getattr(serializer, "child", serializer), "fields", None)
    is_single = depth and not hasattr(serializer, "child") and not path.startswith(("help", "live"))
    if not fields or depth > 2 or is_single:
        return
    for name, field in fields.items():
        yield path + name
        yield from list_keys(field, f"{path}{name}/", depth + 1)


def test_every_list_of_the_administration_is_hidden_or_has_a_reason() -> None:
    labels = {model._meta.label for model in admin.site._registry}
    assert labels == set(reach.ADMIN)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "label", sorted(label for label, cover in reach.ADMIN.items() if cover == reach.HIDDEN)
)
def test_rows_of_learners_are_hidden_from_staff_who_teach(
    label: str, session: LessonSession
) -> None:
    assert get_list_as_teacher(label, session).status_code == 403


def get_list_as_teacher(label: str, session: LessonSession) -> Any:
    teacher = make_teacher(session).user
    teacher.is_staff = teacher.is_superuser = True
    teacher.save()
    client = Client(raise_request_exception=False)
    client.force_login(teacher)
    return client.get(reverse(f"admin:{label.replace('.', '_').lower()}_changelist"))


@pytest.mark.django_db
@pytest.mark.parametrize("label", ["engagement.ObservationWindow", "rules.Hint", "consent.Consent"])
def test_without_the_restriction_staff_who_teach_read_rows_of_learners(
    label: str, session: LessonSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that nothing else refuses the lists in the test above."""
    monkeypatch.setattr(read_only, "has_taught", lambda _request: False)
    assert get_list_as_teacher(label, session).status_code == 200


def test_every_command_is_listed() -> None:
    ours = {
        name for name, app in get_commands().items() if str(app).startswith(("fer_lms", "tests"))
    }
    assert ours == set(reach.COMMANDS)


@pytest.mark.django_db
def test_every_metric_is_listed() -> None:
    assert metrics.SOCKETS
    names = {metric.name for metric in REGISTRY.collect() if metric.name.startswith("fer_")}
    assert names <= set(reach.METRICS)


def test_every_statement_is_listed() -> None:
    queued = {
        name
        for name, function in inspect.getmembers(xapi_actions, inspect.isfunction)
        if name.startswith("queue_") and function.__module__ == xapi_actions.__name__
    }
    assert queued == set(reach.STATEMENTS)


def test_class_statement_has_only_totals_of_the_report() -> None:
    """Each of its values is one of the report's, so that the attacks on the report cover it."""
    source = inspect.getsource(send_class_metrics)
    keys = {
        node.value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    released = {"contributors_at_least", "engagement", "mean"}
    assert released <= keys
    assert not keys & {"coverage", "timeline", "steps", "expressions", "levels", "help"}


def test_every_log_event_of_the_releasing_apps_is_listed() -> None:
    found = {
        event
        for app in RELEASING_APPS
        for path in (CODE / app).rglob("*.py")
        for event in list_log_events(path)
    }
    assert found == set(reach.LOG_EVENTS)


def list_log_events(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id in ("log", "logger")
        ):
            yield str(ast.literal_eval(node.args[0]))


def test_listed_attacks_exist_and_all_are_used() -> None:
    attacks = {attack.name for attack in (*ATTACKS, *LIVE_ATTACKS)}
    attacks |= {attack.name for attack in RULE_ATTACKS}
    tables = (reach.ROUTES, reach.REPORT_KEYS, reach.STATEMENTS)
    covers = [cover for table in tables for cover in table.values()]
    used = {name for cover in covers if isinstance(cover, tuple) for name in cover}
    assert used <= attacks
    reported_only = {name for name in attacks if name == HINT_ARRIVAL or "half" in name}
    assert attacks - used == reported_only
