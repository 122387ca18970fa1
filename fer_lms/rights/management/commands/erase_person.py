from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from fer_lms.rights.actions import erase_person
from fer_lms.rights.queries import find_person


class Command(BaseCommand):
    help = (
        "Deletes a person and all their data. Class reports stay or are withdrawn, as the policy "
        "states."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("person", help="user name or public id")
        parser.add_argument("--dry-run", action="store_true", help="count rows and delete nothing")

    def handle(self, *_args: Any, person: str, dry_run: bool, **_options: Any) -> None:
        user = find_person(person)
        if user is None:
            raise CommandError(
                "No person has this user name or public id. Check it in the admin under People."
            )
        done = "would be deleted" if dry_run else "deleted"
        result = erase_person(user=user, dry_run=dry_run)
        for name, count in result.counts.items():
            self.stdout.write(f"{count} {name} {done}")
        if not dry_run:
            self.stdout.write(f"Receipt: {result.receipt}")
