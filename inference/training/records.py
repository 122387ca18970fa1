"""Typed records of training runs and releases, and their JSON files.

A run's folder contains `run.json` (`RunRecord`), in which the records of all its ancestors are
nested. The repository stores the runs behind released weights as
`inference/weights/records/NAME.json`; there a nested record that is stored itself is replaced by
its name. `inference/weights/NETWORK.record.json` (`ReleaseRecord`) refers to the same folder.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Self, TypeVar

from inference.training.errors import BadData
from inference.training.json_files import read_json
from inference.training.settings import Settings

RUN_RECORD = "run.json"
EVALUATION = "evaluation.json"
BEST = "best.pt"
RECORDS_FOLDER = "records"
RUN_START = "the run "
"""Prefix of `RunRecord.start` where that is another run."""

Json = dict[str, Any]
Evaluation = dict[str, Any]
"""Result of `evaluate.evaluation.evaluate`: metrics of both heads, JSON-ready."""
Record = TypeVar("Record", bound="RunRecord")
FindRecord = Callable[[str], "RunRecord"]
"""Name of a stored run -> its record."""

JSON_KEYS = {
    "averaged": "soup",
    "averaging_loss": "loss_as_released",
    "inherited_data": "learned_from",
    "selection_note": "kept",
    "single_view": "one_look",
}
"""Field -> its key in the files, where the two differ."""
EMPTY: tuple[Any, ...] = (None, [], {}, "")
ALWAYS_WRITTEN = {"log", "before", "teachers"}
"""Fields that the files contain even where they are empty."""


@dataclass(frozen=True)
class DataUse:
    """Faces of a training: a data file by sha256, and the split drawn from it."""

    data_sha256: str
    split: str = Settings.split
    split_seed: int = Settings.split_seed
    validation_share: float = Settings.validation_share


@dataclass(frozen=True)
class EpochLog:
    """One epoch: mean training loss, then validation metrics of the averaged weights."""

    epoch: int
    side: int
    train_loss: float
    accuracy: float
    loss: float
    fer7_accuracy: float
    seconds: int
    """of training since the run began"""


@dataclass(frozen=True)
class Teacher:
    run: str
    live: bool = False
    """evaluated on every augmented batch, rather than once on every face"""

    def __str__(self) -> str:
        return f"{self.run} (live)" if self.live else self.run


@dataclass(frozen=True)
class AveragedRun:
    """A run whose weights went into a checkpoint average."""

    run: str
    weight: int
    record: "RunRecord"

    def __str__(self) -> str:
        return self.run if self.weight == 1 else f"{self.run} {self.weight} times"


@dataclass(frozen=True)
class AveragingLoss:
    """Validation loss of both heads with flip TTA and fitted temperatures."""

    average: float
    candidates: dict[str, float]


@dataclass(frozen=True, kw_only=True)
class RunRecord:
    """Record of a training run: settings, data, machine and duration."""

    settings: Settings
    data_sha256: str
    started_at: str
    start: str
    """description of the initial weights"""
    log: list[EpochLog]
    machine: str = ""
    git_revision: str | None = None
    python: str = ""
    torch: str = ""
    source: str | None = None
    before: "RunRecord | None" = None
    """the run whose weights it started from"""
    inherited_data: list[DataUse] = field(default_factory=list)
    """training data of its initial weights and of its teachers"""
    malloc: dict[str, str | None] = field(default_factory=dict)
    aligned_faces: int = 0
    teachers: list[Teacher] = field(default_factory=list)
    averaged: list[AveragedRun] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    """candidates that are not part of the average"""
    averaging_loss: AveragingLoss | None = None
    former_settings: list[Json] = field(default_factory=list)
    restored_from: str | None = None
    selection_note: str | None = None
    name: str = ""
    evaluation: Evaluation | None = None

    @property
    def best_epoch(self) -> EpochLog:
        """The epoch with the lowest validation loss at the last picture size."""
        side = self.log[-1].side
        return min((line for line in self.log if line.side == side), key=lambda line: line.loss)

    @property
    def is_finished(self) -> bool:
        """All epochs are done, or the last ones passed without a lower loss (early stopping)."""
        if self.averaged:
            return all(part.record.is_finished for part in self.averaged)
        settings = self.settings
        if len(self.log) >= settings.epochs:
            return True
        losses = [line.loss for line in self.log if line.side == settings.side]
        return bool(
            settings.patience
            and losses
            and len(losses) - 1 - losses.index(min(losses)) >= settings.patience
        )

    @property
    def start_run(self) -> str:
        """Name of the run that it started from; empty for other initial weights."""
        return self.start.removeprefix(RUN_START) if self.start.startswith(RUN_START) else ""

    @property
    def own_data(self) -> DataUse:
        return build_data_use(self.settings, self.data_sha256)

    def is_same_run(self, other: "RunRecord") -> bool:
        """Return whether both records are of the same training, ignoring all other fields."""
        return all(
            getattr(self, name) == getattr(other, name)
            for name in ("settings", "started_at", "log")
        )

    def list_sources(self) -> list["RunRecord"]:
        """Return the runs whose weights it started from or averages."""
        if self.averaged:
            return [part.record for part in self.averaged]
        return [self.before] if self.before else []

    def list_ancestry(self) -> list["RunRecord"]:
        """Return this run and its ancestors without duplicates, the earliest first."""
        found: list[RunRecord] = []
        for source in self.list_sources():
            found += list_new_runs(source.list_ancestry(), found)
        return found if self.averaged else [*found, self]

    def list_data_uses(self) -> list[DataUse]:
        """Return all data that its weights were trained on, including averaged runs and starts."""
        found = [self.own_data, *self.inherited_data]
        for source in (self.before, *(part.record for part in self.averaged)):
            found += source.list_data_uses() if source else []
        return list(dict.fromkeys(found))

    def to_json(self, names: "Mapping[str, RunRecord] | None" = None) -> Json:
        """Return the record as in the files; a nested record found in `names` becomes its name."""
        found = {item.name: getattr(self, item.name) for item in fields(self)}
        found["settings"] = self.settings.to_json()
        found["log"] = [asdict(line) for line in self.log]
        found["inherited_data"] = [asdict(use) for use in self.inherited_data]
        found["teachers"] = [
            {key: value for key, value in asdict(teacher).items() if value}
            for teacher in self.teachers
        ]
        found["before"] = _nest(self.before, names or {}) if self.before else None
        found["averaged"] = [
            {"run": part.run, "portions": part.weight, "record": _nest(part.record, names or {})}
            for part in self.averaged
        ]
        if loss := self.averaging_loss:
            found["averaging_loss"] = {"soup": loss.average, "alone": loss.candidates}
        return {
            JSON_KEYS.get(name, name): value
            for name, value in found.items()
            if value not in EMPTY or name in ALWAYS_WRITTEN
        }

    @classmethod
    def from_json(cls, value: Json, find: FindRecord | None = None) -> Self:
        """Build a record from a file's content, of an earlier revision too.

        Args:
            value: the parsed JSON object.
            find: resolves a nested record that is given by name.

        Raises:
            BadData: a field is missing, unknown or of another kind.
        """
        names = {key: name for name, key in JSON_KEYS.items()}
        given = {names.get(key, key): item for key, item in value.items()}
        if unknown := given.keys() - {item.name for item in fields(cls)}:
            raise BadData(f"unknown fields in a record: {', '.join(sorted(unknown))}")
        try:
            return cls(**given | _parse_nested(given, find))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise BadData(f"a record lacks a field or has a wrong one: {error}") from error


def _nest(record: RunRecord, names: Mapping[str, RunRecord]) -> Json | str:
    found = (name for name, stored in names.items() if stored.is_same_run(record))
    return next(found, None) or record.to_json(names)


def _unnest(record: Json | str, find: FindRecord | None) -> RunRecord:
    if isinstance(record, dict):
        return RunRecord.from_json(record, find)
    if find is None:
        raise BadData(f"the record refers to {record!r}, which is not in the same folder")
    return find(record)


def _parse_nested(given: Json, find: FindRecord | None) -> Json:
    """Parse the fields of a record that are not plain JSON values."""
    loss = given.get("averaging_loss")
    return {
        "settings": Settings.from_json(given["settings"]),
        "log": [EpochLog(**line) for line in given["log"]],
        "teachers": [Teacher(**teacher) for teacher in given.get("teachers") or []],
        "inherited_data": [DataUse(**use) for use in given.get("inherited_data", [])],
        "before": _unnest(given["before"], find) if given.get("before") else None,
        "averaged": [
            AveragedRun(part["run"], part.get("portions", 1), _unnest(part["record"], find))
            for part in given.get("averaged", [])
        ],
        "averaging_loss": AveragingLoss(loss["soup"], loss["alone"]) if loss else None,
    }


@dataclass(frozen=True, kw_only=True)
class ReleaseRecord(RunRecord):
    """A run's record and the measurements of its export, stored with the released weights."""

    opset: int
    calibration_faces: int
    rows: dict[str, int]
    released: dict[str, Evaluation]
    """by the model's name"""
    mirrored: bool = False
    """the graphs average the face and its mirror image (flip TTA)"""
    single_view: dict[str, float] | None = None
    """test accuracy of both heads without flip TTA"""
    people: int | None = None
    trainable: dict[str, str] | None = None
    """file and sha256 of the trainable weights"""

    @property
    def side(self) -> int:
        return self.settings.side


def list_new_runs(runs: list[RunRecord], known: list[RunRecord]) -> list[RunRecord]:
    return [run for run in runs if not any(run.is_same_run(other) for other in known)]


def build_data_use(settings: Settings, data_sha256: str) -> DataUse:
    return DataUse(data_sha256, settings.split, settings.split_seed, settings.validation_share)


def load_run_record(path: Path, find: FindRecord | None = None) -> RunRecord:
    """Read a run's or a stored record; names in it refer to files in its folder.

    Raises:
        BadData: the file is not a record, or refers to one that is missing.
    """
    return _parse(RunRecord, path, find or _make_record_finder(path.parent, (path.stem,)))


def load_release_record(path: Path) -> ReleaseRecord:
    """Read the record of released weights. Raises BadData."""
    return _parse(ReleaseRecord, path, _make_record_finder(path.parent / RECORDS_FOLDER, ()))


def load_run_records(folder: Path) -> dict[str, RunRecord]:
    """Read all stored records of a folder, by name. Raises BadData."""
    return {path.stem: load_run_record(path) for path in sorted(folder.glob("*.json"))}


def load_release_records(folder: Path) -> dict[str, ReleaseRecord]:
    """Read the records of all released weights, by file name. Raises BadData."""
    return {path.name: load_release_record(path) for path in sorted(folder.glob("*.record.json"))}


def _parse(kind: type[Record], path: Path, find: FindRecord) -> Record:
    try:
        return kind.from_json(read_json(path), find)
    except BadData as error:
        message = str(error)
        raise BadData(message if str(path) in message else f"{path}: {message}") from error


def _make_record_finder(folder: Path, visited: tuple[str, ...]) -> FindRecord:
    """Look up nested records in a folder; a name in `visited` would be a cycle."""

    def find(name: str) -> RunRecord:
        path = folder / f"{name}.json"
        if name in visited:
            raise BadData(f"{path} is its own ancestor")
        if not path.exists():
            raise BadData(f"{path} is missing: another record refers to it")
        return load_run_record(path, _make_record_finder(folder, (*visited, name)))

    return find


def load_finished_run(run: Path) -> RunRecord:
    """Read a finished run's record with its name and metrics, as the repository stores it.

    Raises:
        BadData: the run is not fully trained or evaluated, or its metrics are outdated.
    """
    if missing := [name for name in (RUN_RECORD, EVALUATION, BEST) if not (run / name).exists()]:
        raise BadData(f"{run} has no {', '.join(missing)} yet; train and evaluate it first")
    record = load_run_record(run / RUN_RECORD)
    if not record.is_finished:
        raise BadData(
            f"{run} is at epoch {len(record.log)} of {record.settings.epochs}; finish its "
            "training, then evaluate it"
        )
    if (run / EVALUATION).stat().st_mtime < (run / BEST).stat().st_mtime:
        raise BadData(f"{run / EVALUATION} is older than {BEST}; evaluate it again")
    return replace(record, name=run.name, evaluation=read_json(run / EVALUATION))
