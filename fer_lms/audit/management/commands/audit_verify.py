import argparse
import json
import re
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from fer_lms.audit.actions import check_chain
from fer_lms.audit.queries import ChainStatus
from inference.command_line import add_examples


def parse_known_row(text: str) -> tuple[int, str]:
    match = re.fullmatch(r"(\d+):([0-9a-f]{64})", text)
    if match is None:
        raise argparse.ArgumentTypeError("expected NUMBER:DIGEST, as this command prints it")
    return int(match[1]), match[2]


class Command(BaseCommand):
    help = "Verifies the audit chain; exit 1 where it is broken."

    def add_arguments(self, parser: CommandParser) -> None:
        add_examples(parser, "manage.py audit_verify --json", exit_1="the log is broken")
        parser.add_argument(
            "--known",
            dest="known_row",
            type=parse_known_row,
            metavar="NUMBER:DIGEST",
            help="a row from an earlier verification that must still exist unchanged",
        )
        parser.add_argument("--json", action="store_true")

    def handle(
        self, *_args: Any, known_row: tuple[int, str] | None, json: bool, **_options: Any
    ) -> None:
        start = time.monotonic()
        status = check_chain(known_row=known_row)
        if json:
            seconds = round(time.monotonic() - start, 3)
            self.stdout.write(_format_json(status, seconds))
        if not status.is_intact:
            raise CommandError(f"The audit log is broken: {status.problem}.")
        if not json:
            self.stdout.write(f"The audit log is intact: {status.number} rows.")
            self.stdout.write(f"Store this row elsewhere: {status.number}:{status.digest}")


def _format_json(status: ChainStatus, seconds: float) -> str:
    report = {
        "rows": status.number,
        "digest": status.digest,
        "problem": status.problem or None,
        "seconds": seconds,
    }
    return json.dumps(report)
