"""Results of the installation checks, shown by `doctor` and the page "Ready for learners?".

They are in English, as all commands are, so that logs and pages can be searched for the same words.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "warning", "missing", "person"]


@dataclass(frozen=True)
class Finding:
    """The result of one check.

    States: `missing`: something needed is missing. `warning`: it works, but needs attention.
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
