import json
import os
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.serializers.json import DjangoJSONEncoder

from fer_lms.audit.actions import record_event
from fer_lms.rights.queries import Row, collect_personal_data, find_person
from inference.command_line import add_examples


class Command(BaseCommand):
    help = "Writes everything stored about a person as JSON."

    def add_arguments(self, parser: CommandParser) -> None:
        add_examples(
            parser, "manage.py export_person ada --output ada.json", exit_1="no such person"
        )
        parser.add_argument("person", help="user name or public id")
        parser.add_argument("--output", type=Path, help="write to a file that only you can read")
        parser.add_argument("--dry-run", action="store_true", help="print the number of rows only")

    def handle(
        self, *_args: Any, person: str, output: Path | None, dry_run: bool, **_options: Any
    ) -> None:
        user = find_person(person)
        if user is None:
            raise CommandError(
                "No person has this user name or public id. Check it in the admin under People."
            )
        data = collect_personal_data(user)
        if dry_run:
            self.stdout.write(_format_summary(data))
            return
        record_event(
            actor=None, action="person.exported", subject=user, details={"form": "console"}
        )
        text = json.dumps(data, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1)
        if output is None:
            self.stdout.write(text)
        else:
            _write_private(output, text)


def _format_summary(data: Row) -> str:
    participations = data["participations"]
    windows = sum(len(row["windows"]) for row in participations)
    events = sum(len(row["events"]) for row in participations)
    return f"{len(participations)} sessions, {windows} windows, {events} events would be written"


def _write_private(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
        os.fchmod(file.fileno(), 0o600)  # an existing file may be readable by others
        file.truncate()
        file.write(text + "\n")
