"""Results of the installation checks, shown by `doctor` and the page "Ready for learners?".

They are in English, as all commands are, so that logs and pages can be searched for the same words.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Literal

State = Literal["ok", "unchecked", "warning", "missing", "person"]


@dataclass(frozen=True)
class Finding:
    """The result of one check.

    States: `missing`: something needed is missing. `warning`: it works, but needs attention.
    `unchecked`: it was not checked yet, such as a job that has not run.
    `person`: only a person can check it; `detail` is what to check.
    """

    name: str
    state: State
    detail: str


@dataclass(frozen=True)
class Section:
    """Findings under one heading."""

    title: str
    findings: tuple[Finding, ...]


def count_findings(sections: Iterable[Section], state: State) -> int:
    return sum(finding.state == state for section in sections for finding in section.findings)


def format_json(sections: Sequence[Section]) -> str:
    checks = [asdict(finding) for section in sections for finding in section.findings]
    return json.dumps({"ok": not count_findings(sections, "missing"), "checks": checks}, indent=1)


def format_table(sections: Sequence[Section]) -> str:
    findings = [finding for section in sections for finding in section.findings]
    width = max(len(finding.name) for finding in findings)
    return "\n\n".join(
        "\n".join(
            [section.title]
            + [f"{item.name:{width}}  {item.state:9}  {item.detail}" for item in section.findings]
        )
        for section in sections
        if section.findings
    )
