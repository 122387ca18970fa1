import argparse
import json
import re
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from fer_lms.audit.actions import check_chain


def noted(text: str) -> tuple[int, str]:
    match = re.fullmatch(r"(\d+):([0-9a-f]{64})", text)
    if match is None:
        raise argparse.ArgumentTypeError("NUMBER:DIGEST, as this command prints it")
    return int(match[1]), match[2]


class Command(BaseCommand):
    help = "Checks the audit log's chain from the first row to the last; exit 1 where it is broken."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--known",
            type=noted,
            metavar="NUMBER:DIGEST",
            help="a row's seal that you noted earlier: it must still be there",
        )
        parser.add_argument("--json", action="store_true")

    def handle(
        self, *_args: Any, known: tuple[int, str] | None, json: bool, **_options: Any
    ) -> None:
        start = time.monotonic()
        verdict = check_chain(known=known)
        if json:
            self.stdout.write(_as_json(verdict.number, verdict.digest, verdict.problem, start))
        if not verdict.whole:
            raise CommandError(f"The audit log is broken: {verdict.problem}.")
        if not json:
            self.stdout.write(f"The audit log is whole: {verdict.number} rows.")
            self.stdout.write(f"Note its end elsewhere: {verdict.number}:{verdict.digest}")


def _as_json(number: int, digest: str, problem: str, start: float) -> str:
    seconds = round(time.monotonic() - start, 3)
    found = {"rows": number, "digest": digest, "problem": problem or None, "seconds": seconds}
    return json.dumps(found)
