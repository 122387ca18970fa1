"""Load the assumptions of a simulation: parameters as data, each with its source."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Assumptions:
    """Values and sources by dotted name, such as "episodes.median_s"."""

    values: Mapping[str, Any]
    sources: Mapping[str, str]

    def get_number(self, name: str) -> float:
        return float(self.values[name])

    def get_numbers(self, name: str) -> tuple[float, ...]:
        return tuple(float(value) for value in self.values[name])

    def get_table(self, name: str) -> dict[str, float]:
        return {key: float(value) for key, value in self.values[name].items()}


def parse_assumptions(text: str) -> Assumptions:
    """Parse a file of tables with the keys `value` and `source`.

    Raises:
        ValueError: A parameter lacks its value or its source.
    """
    values: dict[str, Any] = {}
    sources: dict[str, str] = {}
    for group, parameters in tomllib.loads(text).items():
        for name, parameter in parameters.items():
            if set(parameter) != {"value", "source"} or not parameter["source"].strip():
                raise ValueError(f"{group}.{name} must have a value and a source, and no more.")
            values[f"{group}.{name}"] = parameter["value"]
            sources[f"{group}.{name}"] = parameter["source"]
    return Assumptions(values, sources)


def load_assumptions(path: Path) -> Assumptions:
    return parse_assumptions(path.read_text(encoding="utf-8"))


ASSUMPTIONS: Final = parse_assumptions(
    files(__package__).joinpath("assumptions.toml").read_text(encoding="utf-8")
)
