"""The training runs behind the published results, read from `experiments/*.yaml`.

A file contains `experiments` by name, `templates` that experiments build on, and `averages`. An
entry with `base: NAME` inherits the keys that it does not set from that experiment or template;
`settings` are merged key by key. `python -m inference.training runs` lists the experiments and
their state.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from inference.training.errors import BadData
from inference.training.networks.initial_weights import (
    FACES_START,
    IMAGENET_START,
    RELEASED,
    SCRATCH,
)
from inference.training.records import BEST
from inference.training.settings import Settings

FOLDER = Path(__file__).parents[1] / "experiments"
EYES = "eyes.npz"
SECTIONS = ("templates", "experiments", "averages")
STARTS = (IMAGENET_START, FACES_START, RELEASED, SCRATCH)
Entry = dict[str, Any]


@dataclass(frozen=True)
class Experiment:
    """One training run: what `train` is called with, and what has to be trained before."""

    name: str
    description: str
    hours: float
    """estimated, on two idle cores"""
    start: str = ""
    """ "imagenet", "faces", "scratch", "released", another run's name, or a checkpoint's path"""
    aligned_faces: bool = False
    teachers: tuple[str, ...] = ()
    live_teachers: bool = False
    """teachers predict every augmented batch"""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """those of `Settings` that differ from the defaults; stages as "96x6" """
    formerly: str = ""
    """name in earlier records"""
    is_control: bool = False
    """of an ablation: runs from the same start are compared with it"""

    def build_train_options(self, runs: Path) -> list[str]:
        """Build the options that follow `train --run FOLDER`, teachers excepted."""
        options = ["--start", self.get_start_path(runs)] if self.start else []
        options += ["--eyes", str(runs / EYES)] if self.aligned_faces else []
        for name, value in self.settings.items():
            values = value if isinstance(value, list) else [value]
            options += [f"--{name.replace('_', '-')}", *map(str, values)]
        return options

    def get_start_path(self, runs: Path) -> str:
        if self.start in STARTS or not self.start:
            return self.start
        if "/" in self.start:
            return self.start.replace("runs/", f"{runs}/", 1)
        return str(runs / self.start / BEST)


@dataclass(frozen=True)
class Average:
    """A checkpoint average, made by the `average` command."""

    name: str
    candidates: tuple[str, ...]
    formerly: str = ""


@dataclass(frozen=True)
class Experiments:
    runs: tuple[Experiment, ...]
    """each after those that it depends on"""
    averages: tuple[Average, ...] = ()

    def get_current_name(self, name: str) -> str:
        """Return the present name of a run, given a present or former one."""
        return {former: present for present, former in self._get_former_names().items()}.get(
            name, name
        )

    def get_former_name(self, name: str) -> str:
        """Return the name in earlier records; empty for a run that was not renamed."""
        return self._get_former_names().get(name, "")

    def _get_former_names(self) -> dict[str, str]:
        named: list[Experiment | Average] = [*self.runs, *self.averages]
        return {item.name: item.formerly for item in named if item.formerly}


@cache
def load_experiments(folder: Path = FOLDER) -> Experiments:
    """Read and validate all files of a folder.

    Raises:
        BadData: naming file and entry, for an unknown key, a missing base, teacher or start, a name
            given twice, or a cycle.
    """
    sections: dict[str, dict[str, Entry]] = {name: {} for name in SECTIONS}
    for path in sorted(folder.glob("*.yaml")):
        for section, entries in _read(path).items():
            for name, entry in entries.items():
                if any(name in known for known in sections.values()):
                    raise BadData(f"{path}: {name} is defined twice")
                sections[section][name] = entry
    bases = {**sections["templates"], **sections["experiments"]}
    runs = {name: _build(name, _merge(name, bases, ())) for name in sections["experiments"]}
    averages = {name: _build_average(name, entry) for name, entry in sections["averages"].items()}
    for run in runs.values():
        _check_references(run, {*runs, *averages})
    for average in averages.values():
        if missing := [name for name in average.candidates if name not in runs]:
            raise BadData(f"average {average.name}: no experiment is called {missing[0]}")
    ordered: dict[str, Experiment] = {}
    for name in runs:
        _add_in_order(name, runs, averages, ordered, ())
    return Experiments(tuple(ordered.values()), tuple(averages.values()))


def _read(path: Path) -> dict[str, dict[str, Entry]]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except yaml.YAMLError as error:
        raise BadData(f"{path} is not valid YAML: {error}") from error
    _check_keys(str(path), content, SECTIONS)
    for section, entries in content.items():
        _check_keys(f"{path}: {section}", entries, None)
        for name, entry in entries.items():
            _check_keys(f"{path}: {name}", entry, None)
    return dict(content)


def _check_keys(where: str, value: Any, known: Sequence[str] | None) -> None:
    if not isinstance(value, dict):
        raise BadData(f"{where} must be a mapping")
    if known and (unknown := [str(key) for key in value if key not in known]):
        raise BadData(f"{where}: unknown key {', '.join(unknown)}; known are {', '.join(known)}")


def _merge(name: str, bases: Mapping[str, Entry], visited: tuple[str, ...]) -> Entry:
    """Return an entry with everything that its bases set."""
    entry = dict(bases[name])
    base = entry.pop("base", None)
    if base is None:
        return entry
    if base in (name, *visited):
        raise BadData(f"{name}: its base {base} builds on it: a cycle")
    if base not in bases:
        raise BadData(f"{name}: no experiment or template is called {base}, which is its base")
    inherited = _merge(base, bases, (*visited, name))
    inherited.pop("formerly", None)
    inherited.pop("is_control", None)
    settings = {**inherited.get("settings", {}), **entry.get("settings", {})}
    return {**inherited, **entry, "settings": settings}


def _build(name: str, entry: Entry) -> Experiment:
    known = [item.name for item in fields(Experiment) if item.name != "name"]
    _check_keys(name, entry, known)
    settings = entry.get("settings", {})
    _check_keys(f"{name}: settings", settings, [item.name for item in fields(Settings)])
    if missing := [key for key in ("description", "hours") if key not in entry]:
        raise BadData(f"{name}: {' and '.join(missing)} missing")
    if bool(entry.get("teachers")) != bool(settings.get("teacher_share")):
        raise BadData(f"{name}: teachers and settings.teacher_share must be given together")
    return Experiment(name, **{**entry, "teachers": tuple(entry.get("teachers", ()))})


def _build_average(name: str, entry: Entry) -> Average:
    _check_keys(name, entry, ("candidates", "formerly"))
    return Average(name, tuple(entry.get("candidates", ())), entry.get("formerly", ""))


def _check_references(run: Experiment, names: set[str]) -> None:
    if missing := [name for name in run.teachers if name not in names]:
        raise BadData(f"{run.name}: no experiment is called {missing[0]}, one of its teachers")
    if run.start and run.start not in STARTS and "/" not in run.start and run.start not in names:
        raise BadData(f"{run.name}: no experiment is called {run.start}, which it starts from")


def _add_in_order(
    name: str,
    runs: Mapping[str, Experiment],
    averages: Mapping[str, Average],
    ordered: dict[str, Experiment],
    visited: tuple[str, ...],
) -> None:
    """Add a run after those that it starts from and after its teachers."""
    if name in visited:
        raise BadData(f"{' needs '.join((*visited, name))}: a cycle")
    if name in ordered:
        return
    if name in averages:
        needed: tuple[str, ...] = averages[name].candidates
    else:
        run = runs[name]
        needed = tuple(other for other in (run.start, *run.teachers) if other in {*runs, *averages})
    for other in needed:
        _add_in_order(other, runs, averages, ordered, (*visited, name))
    if name in runs:
        ordered[name] = runs[name]
