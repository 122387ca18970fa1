"""The audit log is append-only and its chain is verified."""

import json
import threading
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from fer_lms.audit.actions import record_event
from fer_lms.audit.chain import FIRST_PREVIOUS_DIGEST
from fer_lms.audit.models import AppendOnlyError, AuditEvent
from fer_lms.audit.queries import verify_chain
from fer_lms.audit.triggers import create_triggers, drop_triggers
from fer_lms.rights.actions import erase_person
from tests.factories import make_learner, make_session, make_user


def execute_unprotected(statement: str, *values: Any) -> None:
    """Run SQL without the triggers, as somebody with the database's password could."""
    drop_triggers(connection)
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
    create_triggers(connection)


def three_rows() -> None:
    for number in range(3):
        record_event(actor=None, action="test.done", subject="test", details={"number": number})


def test_rows_are_chained(db: None) -> None:
    three_rows()
    first, second, third = AuditEvent.objects.all()
    assert (first.number, first.previous) == (1, FIRST_PREVIOUS_DIGEST)
    assert (second.previous, third.previous) == (first.digest, second.digest)
    assert verify_chain().is_intact
    assert verify_chain().number == 3


def test_rows_hold_opaque_ids(db: None) -> None:
    actor, subject = make_user(), make_learner(make_session())
    event = record_event(actor=actor, action="person.seen", subject=subject, details={"rows": 3})
    event.refresh_from_db()
    assert event.actor == actor.public_id
    assert (event.subject_kind, event.subject) == ("lessons.participant", str(subject.pk))
    assert event.details == {"rows": 3}
    user = record_event(actor=None, action="person.seen", subject=actor)
    assert (user.subject_kind, user.subject) == ("people.user", str(actor.public_id))


@pytest.mark.parametrize("value", ["Ada Lovelace", "ada@example.org", "ada", "LOVELACE", "a" * 201])
def test_names_and_free_text_are_rejected(db: None, value: str) -> None:
    ada = make_user(first_name="Ada", last_name="Lovelace")
    with pytest.raises(ValueError, match="opaque ids only"):
        record_event(actor=None, action="test.done", subject=ada, details={"who": value})
    assert not AuditEvent.objects.exists()


def test_orm_rejects_changes(db: None) -> None:
    three_rows()
    event = AuditEvent.objects.get(number=2)
    with pytest.raises(AppendOnlyError):
        event.save()
    with pytest.raises(AppendOnlyError):
        event.delete()
    with pytest.raises(AppendOnlyError):
        AuditEvent.objects.filter(number=2).update(action="x")
    with pytest.raises(AppendOnlyError):
        AuditEvent.objects.all().delete()


@pytest.mark.parametrize(
    "statement", ["UPDATE audit_auditevent SET action = 'x'", "DELETE FROM audit_auditevent"]
)
def test_database_rejects_changes(db: None, statement: str) -> None:
    three_rows()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        connection.cursor().execute(statement)
    assert AuditEvent.objects.count() == 3


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("UPDATE audit_auditevent SET action = 'x' WHERE number = 2", "row 2 was changed"),
        ("UPDATE audit_auditevent SET subject = 'x' WHERE number = 3", "row 3 was changed"),
        ("UPDATE audit_auditevent SET at = '2020-01-01 00:00+00:00' WHERE number = 1", "row 1 was"),
        ("DELETE FROM audit_auditevent WHERE number = 1", "row 1 is missing"),
        ("DELETE FROM audit_auditevent WHERE number = 2", "row 2 is missing"),
        ("UPDATE audit_auditevent SET number = 9 WHERE number = 3", "row 3 is missing"),
    ],
)
def test_changed_row_is_reported(
    db: None, capsys: pytest.CaptureFixture[str], statement: str, problem: str
) -> None:
    three_rows()
    execute_unprotected(statement)
    assert problem in verify_chain().problem
    with pytest.raises(CommandError, match=problem):
        call_command("audit_verify")


def test_noted_digest_detects_truncation(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    three_rows()
    call_command("audit_verify", "--json")
    noted = json.loads(capsys.readouterr().out)
    known = f"{noted['rows']}:{noted['digest']}"
    call_command("audit_verify", "--known", known)
    execute_unprotected("DELETE FROM audit_auditevent WHERE number = 3")
    assert verify_chain().is_intact
    with pytest.raises(CommandError, match="row 3 is missing"):
        call_command("audit_verify", "--known", known)
    record_event(actor=None, action="test.another", subject="test")
    with pytest.raises(CommandError, match="row 3 differs"):
        call_command("audit_verify", "--known", known)


def test_missing_triggers_are_reported(db: None) -> None:
    drop_triggers(connection)
    assert "triggers" in verify_chain().problem
    create_triggers(connection)
    assert verify_chain().is_intact


def test_erasure_keeps_the_chain_intact(db: None) -> None:
    person = make_learner(make_session()).user
    event = record_event(actor=person, action="person.exported", subject=person)
    public_id = person.public_id
    erase_person(user=person)
    assert verify_chain().is_intact
    event.refresh_from_db()
    assert event.actor == public_id


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_concurrent_writers_append_one_chain() -> None:
    def append_many() -> None:
        for _ in range(8):
            record_event(actor=None, action="test.done", subject="test")
        connection.close()

    writers = [threading.Thread(target=append_many) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert verify_chain().is_intact
    assert AuditEvent.objects.count() == 32
