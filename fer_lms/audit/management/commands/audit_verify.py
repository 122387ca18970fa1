import argparse
import json
import re
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from fer_lms.audit.actions import check_chain


def parse_row(text: str) -> tuple[int, str]:
    match = re.fullmatch(r"(\d+):([0-9a-f]{64})", text)
    if match is None:
        raise argparse.ArgumentTypeError("expected NUMBER:DIGEST, as this command prints it")
    return int(match[1]), match[2]


class Command(BaseCommand):
    help = "Verifies the audit chain; exit 1 where it is broken."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--known",
            type=parse_row,
            metavar="NUMBER:DIGEST",
            help="a row that you noted earlier, which must still exist",
        )
        parser.add_argument("--json", action="store_true")

    def handle(
        self, *_args: Any, known: tuple[int, str] | None, json: bool, **_options: Any
    ) -> None:
        start = time.monotonic()
        status = check_chain(known=known)
        if json:
            self.stdout.write(_to_json(status.number, status.digest, status.problem, start))
        if not status.is_intact:
            raise CommandError(f"The audit log is broken: {status.problem}.")
        if not json:
            self.stdout.write(f"The audit log is intact: {status.number} rows.")
            self.stdout.write(f"Note this row elsewhere: {status.number}:{status.digest}")


def _to_json(number: int, digest: str, problem: str, start: float) -> str:
    seconds = round(time.monotonic() - start, 3)
    report = {"rows": number, "digest": digest, "problem": problem or None, "seconds": seconds}
    return json.dumps(report)
