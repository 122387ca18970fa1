"""Results of all finished runs: `results.csv`, one row per run, and `epochs.csv`, one per epoch.

Both are in the folder of the stored records. Only runs behind released weights have a stored
record; all others are documented by their rows alone. Metrics are rounded to six decimals.
"""

import csv
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from inference.training.errors import BadData
from inference.training.records import EpochLog, RunRecord
from inference.training.settings import Settings

RESULTS_FILE, EPOCHS_FILE = "results.csv", "epochs.csv"
DECIMALS = 6
HEAD_METRICS = {
    "ferplus": (
        "accuracy",
        "loss",
        "macro_precision",
        "macro_recall",
        "macro_f1",
        "accuracy_at_85_coverage",
        "ece",
    ),
    "fer7": ("accuracy",),
}
"""With intervals, by head."""
TEXT_COLUMNS = ("name", "formerly", "start", "from_run", "started_at", "revision", "machine")
NUMBER_COLUMNS = (
    "aligned_faces",
    "parameters",
    "epochs",
    "hours",
    "validation_accuracy",
    "validation_loss",
)
NUMBER_SETTINGS = [
    item.name for item in fields(Settings) if item.name not in ("architecture", "split", "stages")
]
Metrics = dict[str, Any]
"""Values by name, and `interval_95` by name."""


@dataclass(frozen=True, kw_only=True)
class RunResult:
    """One finished run."""

    name: str
    formerly: str = ""
    """name in earlier records"""
    start: str
    """description of the initial weights"""
    from_run: str = ""
    """name of the run that it started from"""
    teachers: list[str]
    averaged: list[str]
    """runs whose weights it averages"""
    aligned_faces: int
    parameters: int
    epochs: int
    hours: float
    validation_accuracy: float
    validation_loss: float
    ferplus: Metrics
    """on the test part, FER+ majority labels"""
    fer7: Metrics
    """on the test part, FER2013's labels"""
    accuracy_where_8_of_10_agree: float | None
    confusion: list[list[int]]
    """faces by [label, prediction], FER+"""
    settings: Settings
    started_at: str
    revision: str
    machine: str
    log: list[EpochLog]
    """empty for an average"""

    @property
    def architecture(self) -> str:
        return self.settings.architecture

    @property
    def split(self) -> str:
        return self.settings.split

    @property
    def epochs_by_side(self) -> dict[int, int]:
        """Trained epochs by picture size; none for an average."""
        return dict(Counter(line.side for line in self.log))


def build_result(record: RunRecord, parameters: int, formerly: str = "") -> RunResult:
    """Extract a result from a stored record.

    Args:
        record: with name and metrics.
        parameters: of the network.
        formerly: the run's name in earlier records.

    Raises:
        BadData: the record has no metrics.
    """
    evaluation = record.evaluation
    if not evaluation:
        raise BadData(f"the record of {record.name} has no metrics")
    trained = [part.record for part in record.averaged] or [record]
    ferplus = evaluation["ferplus"]
    agreement = ferplus["accuracy_where_8_of_10_agree"]
    return RunResult(
        name=record.name,
        formerly=formerly,
        start=record.start,
        from_run=record.start_run,
        teachers=[str(teacher) for teacher in record.teachers],
        averaged=[str(part) for part in record.averaged],
        aligned_faces=record.aligned_faces,
        parameters=parameters,
        epochs=0 if record.averaged else len(record.log),
        hours=round(sum(run.log[-1].seconds for run in trained) / 3600, 2),
        validation_accuracy=round(record.best_epoch.accuracy, DECIMALS),
        validation_loss=round(record.best_epoch.loss, DECIMALS),
        ferplus=_round_metrics(ferplus, HEAD_METRICS["ferplus"]),
        fer7=_round_metrics(evaluation["fer7"], HEAD_METRICS["fer7"]),
        accuracy_where_8_of_10_agree=None if agreement is None else round(agreement, DECIMALS),
        confusion=ferplus["confusion"],
        settings=record.settings,
        started_at=record.started_at,
        revision=record.git_revision or "",
        machine=record.machine,
        log=[] if record.averaged else [_round_epoch(line) for line in record.log],
    )


def _round_metrics(metrics: Metrics, names: Sequence[str]) -> Metrics:
    return {
        **{name: round(metrics[name], DECIMALS) for name in names},
        "interval_95": {
            name: tuple(round(end, DECIMALS) for end in metrics["interval_95"][name])
            for name in names
        },
    }


def _round_epoch(line: EpochLog) -> EpochLog:
    rounded: dict[str, Any] = {
        name: round(value, DECIMALS) if isinstance(value, float) else value
        for name, value in asdict(line).items()
    }
    return EpochLog(**rounded)


def add_result(folder: Path, result: RunResult) -> None:
    """Add a run to both files of a records folder, replacing its former result."""
    results = [other for other in read_results(folder) if other.name != result.name]
    write_results(folder, [*results, result])


def write_results(folder: Path, results: Sequence[RunResult]) -> None:
    results = sorted(results, key=lambda result: (bool(result.averaged), result.started_at))
    _write_csv(folder / RESULTS_FILE, [_to_row(result) for result in results])
    epochs = [{"run": run.name, **asdict(line)} for run in results for line in run.log]
    _write_csv(folder / EPOCHS_FILE, epochs)


def read_results(folder: Path) -> list[RunResult]:
    """Read both files of a records folder; none without them.

    Raises:
        BadData: naming the file and the run, where a column is missing or a value malformed.
    """
    logs: dict[str, list[EpochLog]] = {}
    for row in _read_csv(folder / EPOCHS_FILE):
        with_types = {key: _parse_number(value) for key, value in row.items() if key != "run"}
        logs.setdefault(row["run"], []).append(EpochLog(**with_types))
    results = []
    for row in _read_csv(folder / RESULTS_FILE):
        try:
            results.append(_parse_row(row, logs.get(row["name"], [])))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise BadData(f"{folder / RESULTS_FILE}, {row.get('name')}: {error!r}") from error
    return results


def read_result_names(folder: Path) -> set[str]:
    """Read the names of all finished runs."""
    return {row["name"] for row in _read_csv(folder / RESULTS_FILE)}


def _to_row(result: RunResult) -> dict[str, Any]:
    metrics: dict[str, Any] = {}
    for head, names in HEAD_METRICS.items():
        values: Metrics = getattr(result, head)
        prefix = "fer7_" if head == "fer7" else ""
        for name in names:
            low, high = values["interval_95"][name]
            metrics |= {
                f"{prefix}{name}": values[name],
                f"{prefix}{name}_low": low,
                f"{prefix}{name}_high": high,
            }
    settings = {
        **asdict(result.settings),
        "stages": " ".join(f"{side}x{epochs}" for side, epochs in result.settings.stages),
    }
    return {
        "name": result.name,
        "formerly": result.formerly,
        "architecture": settings.pop("architecture"),
        "parameters": result.parameters,
        "split": settings.pop("split"),
        "start": result.start,
        "from_run": result.from_run,
        "teachers": ", ".join(result.teachers),
        "averaged": ", ".join(result.averaged),
        "epochs": result.epochs,
        "hours": result.hours,
        "validation_accuracy": result.validation_accuracy,
        "validation_loss": result.validation_loss,
        **metrics,
        "accuracy_where_8_of_10_agree": result.accuracy_where_8_of_10_agree,
        "aligned_faces": result.aligned_faces,
        **settings,
        "started_at": result.started_at,
        "revision": result.revision,
        "machine": result.machine,
        "confusion": "; ".join(" ".join(map(str, line)) for line in result.confusion),
    }


def _parse_row(row: dict[str, str], log: list[EpochLog]) -> RunResult:
    values: dict[str, Any] = {
        **{name: row[name] for name in TEXT_COLUMNS},
        **{name: _parse_number(row[name]) for name in NUMBER_COLUMNS},
        "teachers": row["teachers"].split(", ") if row["teachers"] else [],
        "averaged": row["averaged"].split(", ") if row["averaged"] else [],
        "confusion": [[int(n) for n in line.split()] for line in row["confusion"].split(";")],
    }
    for head, names in HEAD_METRICS.items():
        prefix = "fer7_" if head == "fer7" else ""
        values[head] = {name: float(row[f"{prefix}{name}"]) for name in names}
        values[head]["interval_95"] = {
            name: (float(row[f"{prefix}{name}_low"]), float(row[f"{prefix}{name}_high"]))
            for name in names
        }
    stages = [stage.split("x") for stage in row["stages"].split()]
    settings = {
        **{name: row[name] for name in ("architecture", "split")},
        **{name: _parse_number(row[name]) for name in NUMBER_SETTINGS if name in row},
        "stages": [(int(side), int(epochs)) for side, epochs in stages],
    }
    agreement = row["accuracy_where_8_of_10_agree"]
    return RunResult(
        **values,
        accuracy_where_8_of_10_agree=float(agreement) if agreement else None,
        settings=Settings(**settings),
        log=log,
    )


def _parse_number(text: str) -> Any:
    try:
        return int(text)
    except ValueError:
        return float(text)


def _read_csv(path: Path) -> list[dict[str, str]]:
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _write_csv(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]) if rows else [], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
