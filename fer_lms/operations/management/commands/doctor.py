import json
import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand

from fer_lms.operations.checks import run_checks
from fer_lms.operations.findings import Section, count_findings


class Command(BaseCommand):
    help = "Lists what is configured and what is missing; exit code 1 if something required is."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true")

    def handle(self, *_args: Any, **options: Any) -> None:
        sections = run_checks(open_models=True)
        missing = count_findings(sections, "missing")
        if options["json"]:
            checks = [asdict(finding) for section in sections for finding in section.findings]
            self.stdout.write(json.dumps({"ok": not missing, "checks": checks}, indent=1))
        else:
            self.stdout.write(format_table(sections))
        if missing:
            sys.exit(1)


def format_table(sections: Sequence[Section]) -> str:
    findings = [finding for section in sections for finding in section.findings]
    width = max(len(finding.name) for finding in findings)
    return "\n\n".join(
        "\n".join(
            [section.title]
            + [f"{item.name:{width}}  {item.state:7}  {item.detail}" for item in section.findings]
        )
        for section in sections
        if section.findings
    )
