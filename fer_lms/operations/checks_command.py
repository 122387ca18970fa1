"""What the commands `doctor` and `install_check` share."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from fer_lms.operations.findings import Section, count_findings, format_json, format_table
from inference.command_line import add_examples


class ChecksCommand(BaseCommand):
    """Prints findings; exit code 1 where something required is missing."""

    requires_system_checks = []

    def run_checks(self) -> list[Section]:
        raise NotImplementedError

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the findings as JSON")
        name = type(self).__module__.rpartition(".")[2]
        example = f"manage.py {name} --json"
        add_examples(parser, example, exit_1="something required is missing")

    def handle(self, *_args: Any, **options: Any) -> None:
        sections = self.run_checks()
        self.stdout.write((format_json if options["json"] else format_table)(sections))
        if count_findings(sections, "missing"):
            sys.exit(1)
