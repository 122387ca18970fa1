import json
import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand

from fer_lms.operations.checks import all_findings
from fer_lms.operations.findings import Finding


class Command(BaseCommand):
    help = "Says what is configured and what is missing; exit code 1 where something needed is."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true")

    def handle(self, *_args: Any, **options: Any) -> None:
        findings = list(all_findings())
        missing = any(finding.state == "missing" for finding in findings)
        if options["json"]:
            checks = [asdict(finding) for finding in findings]
            self.stdout.write(json.dumps({"ok": not missing, "checks": checks}, indent=1))
        else:
            self.stdout.write(table(findings))
        if missing:
            sys.exit(1)


def table(findings: Sequence[Finding]) -> str:
    width = max(len(finding.name) for finding in findings)
    return "\n".join(
        f"{finding.name:{width}}  {finding.state:7}  {finding.detail}" for finding in findings
    )
