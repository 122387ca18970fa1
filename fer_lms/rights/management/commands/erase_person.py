import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from fer_lms.rights.actions import erase_person
from fer_lms.rights.queries import find_person
from inference.command_line import add_examples


class Command(BaseCommand):
    help = (
        "Deletes a person and all their data. Class reports stay or are withdrawn, as the policy "
        "states."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_examples(
            parser,
            "manage.py erase_person ada --dry-run",
            "manage.py erase_person ada --json",
            exit_1="no such person",
        )
        parser.add_argument("person", help="user name or public id")
        parser.add_argument("--dry-run", action="store_true", help="count rows and delete nothing")
        parser.add_argument("--json", action="store_true", help="print counts and receipt as JSON")

    def handle(self, *_args: Any, person: str, dry_run: bool, **options: Any) -> None:
        user = find_person(person)
        if user is None:
            raise CommandError(
                "No person has this user name or public id. Check it in the admin under People."
            )
        result = erase_person(user=user, dry_run=dry_run)
        if options["json"]:
            receipt = "" if dry_run else result.receipt
            report = {"erased": not dry_run, "receipt": receipt, "counts": result.counts}
            self.stdout.write(json.dumps(report))
            return
        done = "would be deleted" if dry_run else "deleted"
        for name, count in result.counts.items():
            self.stdout.write(f"{count} {name} {done}")
        if not dry_run:
            self.stdout.write(f"Receipt: {result.receipt}")
