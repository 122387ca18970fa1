"""One line of `doctor`'s table."""

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "warning", "missing"]


@dataclass(frozen=True)
class Finding:
    """`missing`: something needed is not there. `warning`: it runs, but somebody should know."""

    name: str
    state: State
    detail: str
