import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from fer_lms.rights.retention import purge_expired
from inference.command_line import add_examples


class Command(BaseCommand):
    help = "Deletes data whose retention period in the policy is over."

    def add_arguments(self, parser: CommandParser) -> None:
        add_examples(parser, "manage.py purge_expired --dry-run --json")
        parser.add_argument("--dry-run", action="store_true", help="count rows and delete nothing")
        parser.add_argument("--json", action="store_true", help="print the counts as JSON")

    def handle(self, *_args: Any, dry_run: bool, **options: Any) -> None:
        counts = purge_expired(dry_run=dry_run)
        if options["json"]:
            self.stdout.write(json.dumps({"dry_run": dry_run, "counts": counts}))
            return
        done = "would be deleted" if dry_run else "deleted"
        for name, count in counts.items():
            self.stdout.write(f"{count} {name} {done}")
