"""What `doctor` prints and the page "Ready for learners?" shows: one list, two views.

In English, as every command is: whoever runs an installation searches logs and these pages for the
same words.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "warning", "missing", "person"]


@dataclass(frozen=True)
class Finding:
    """`missing`: something needed is not there. `warning`: it runs, but somebody should know.
    `person`: no program can tell; what stands here is what to look at."""

    name: str
    state: State
    detail: str


@dataclass(frozen=True)
class Section:
    title: str
    findings: tuple[Finding, ...]


def count(sections: Iterable[Section], state: State) -> int:
    return sum(finding.state == state for section in sections for finding in section.findings)
