from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from fer_lms.rights.retention import purge_expired


class Command(BaseCommand):
    help = "Deletes data whose retention period in the policy is over."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="count rows and delete nothing")

    def handle(self, *_args: Any, dry_run: bool, **_options: Any) -> None:
        done = "would be deleted" if dry_run else "deleted"
        for name, count in purge_expired(dry_run=dry_run).items():
            self.stdout.write(f"{count} {name} {done}")
