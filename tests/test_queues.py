"""Messages and worker commands of release 0.1.0 work after an upgrade."""

import runpy
import time
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from celery import Celery
from celery.contrib.testing.worker import start_worker

from fer_lms.celery import app, consume_renamed_queues
from fer_lms.queues import (
    AGGREGATION,
    FRAMES,
    INTEGRATIONS,
    RENAMED_QUEUES,
    RENAMED_TASKS,
    list_consumed_queues,
)
from tests.test_repository import ROOT

MESSAGES: dict[str, dict[str, list[Any]]] = {
    "frames": {"streaming.drain_frames": [0], "streaming.report_alive": []},
    "clerk": {
        "streaming.write_windows": [],
        "rules.evaluate": ["2026-01-01T00:00:00+00:00"],
        "rights.erase_withdrawn": [],
        "rights.purge_expired": [],
        "rights.verify_audit_log": [],
        "reports.finalise": [],
        "reports.release_live": [],
        "lti.delete_used_up": [],
    },
    "errands": {"lti.errands.sync_rosters": [], "streaming.report_errands": [], "xapi.send": []},
}
"""Every queue of 0.1.0, and the arguments of every task that it sent there."""
NEW_TASKS = {"demo.continue_class", "reports.end_due_sessions", "integrations.send_webhooks"}


def list_tasks() -> set[str]:
    for path in (ROOT / "fer_lms").rglob("tasks.py"):
        import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    return {name for name, task in app.tasks.items() if task.__module__.startswith("fer_lms.")}


def test_the_table_of_messages_is_complete() -> None:
    sent = {name for messages in MESSAGES.values() for name in messages}
    tasks = list_tasks() - RENAMED_TASKS.keys() - NEW_TASKS
    assert {RENAMED_TASKS.get(name, name) for name in sent} == tasks
    assert MESSAGES.keys() == {FRAMES, *RENAMED_QUEUES}


def test_old_queues_are_consumed_beside_the_new_ones() -> None:
    consumed = {queue: list_consumed_queues(queue) for queue in (FRAMES, AGGREGATION, INTEGRATIONS)}
    assert consumed == {
        "frames": ["frames"],
        "aggregation": ["aggregation", "clerk"],
        "integrations": ["integrations", "errands"],
    }


def test_every_new_task_is_sent_to_the_queue_that_replaces_the_old_one() -> None:
    for queue, messages in MESSAGES.items():
        for name in messages:
            route = app.amqp.router.route({}, RENAMED_TASKS.get(name, name))
            assert route["queue"].name == RENAMED_QUEUES.get(queue, queue), name


@pytest.mark.django_db
@pytest.mark.usefixtures("redis_roles")
@pytest.mark.parametrize("queue", MESSAGES)
def test_a_queued_message_of_the_old_release_is_executed(
    queue: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    executed: dict[str, list[Any]] = {}
    list_tasks()
    for name in MESSAGES[queue]:
        task = app.tasks[RENAMED_TASKS.get(name, name)]

        def run(*args: Any, old_name: str = name) -> None:
            executed[old_name] = list(args)

        monkeypatch.setattr(task, "run", run)
    for name, arguments in MESSAGES[queue].items():
        app.send_task(name, args=arguments, queue=queue)
    consumed = list_consumed_queues(RENAMED_QUEUES.get(queue, queue))
    with start_worker(app, queues=consumed, perform_ping_check=False, shutdown_timeout=30):
        deadline = time.monotonic() + 20
        while executed != MESSAGES[queue] and time.monotonic() < deadline:
            time.sleep(0.05)
    assert executed == MESSAGES[queue]


@pytest.mark.parametrize(("old", "new"), RENAMED_QUEUES.items())
def test_a_worker_started_with_an_old_queue_consumes_the_new_one(
    old: str, new: str, capsys: pytest.CaptureFixture[str]
) -> None:
    worker = Celery(set_as_current=False)
    worker.amqp.queues.select([old])
    consume_renamed_queues(instance=SimpleNamespace(app=worker))
    expected = f"-Q {old} is deprecated and will be removed: use -Q {new}.\n"
    assert capsys.readouterr().err == expected
    assert set(worker.amqp.queues.consume_from) == {old, new}


def test_health_checks_accept_old_process_names(capsys: pytest.CaptureFixture[str]) -> None:
    healthcheck = runpy.run_path(str(ROOT / "deploy" / "healthcheck.py"))
    assert healthcheck["RENAMED_PROCESSES"].items() <= RENAMED_QUEUES.items()
    assert healthcheck["replace_renamed_process"]("errands") == "integrations"
    assert capsys.readouterr().err == (
        "errands is deprecated and will be removed: use integrations.\n"
    )
