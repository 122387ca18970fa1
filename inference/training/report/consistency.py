"""Check that cards, data sheet, records, listing, weights, comparison and plots agree.

`python -m inference.training card --check` prints one line per disagreement.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import onnx
from jinja2 import UndefinedError

from inference.training.errors import BadData
from inference.training.evaluate.evaluated_model import MODEL_LIST
from inference.training.evaluate.gate import list_gate_failures
from inference.training.json_files import read_json
from inference.training.records import (
    RECORDS_FOLDER,
    AveragedRun,
    Json,
    ReleaseRecord,
    RunRecord,
    load_release_records,
    load_run_records,
)
from inference.training.report.comparison import (
    list_comparison_plots,
    render_comparison,
)
from inference.training.report.lineage import StoredRecords, list_missing_teachers
from inference.training.report.metric_check import find_metric_errors
from inference.training.report.model_cards import (
    DATA_SHEET,
    PLOT_FOLDER,
    locate_plots,
    render_cards,
)
from inference.training.report.plot_metadata import is_plot_of, list_plots
from inference.training.results import RESULTS_FILE, build_result, read_results
from inference.training.settings import Settings

MAX_ACCURACY_DIFFERENCE = 0.003
"""Between torch (a run's record) and ONNX Runtime (the released file)."""
SHEET_SPLIT = (Settings.split_seed, Settings.validation_share)
NOT_COMPARED = {"name", "evaluation", "restored_from"}
"""Fields that only one of the two records of a run contains."""
OPTIONAL_FIELDS = {"source"}
"""Fields that may be missing in earlier records."""
HEADS = ("ferplus", "fer7")
LICENCE = "Apache-2.0"
CARD = "MODEL_CARD.md"
MALFORMED = (UndefinedError, LookupError, TypeError, AttributeError, ValueError)
"""Exceptions of reading and rendering a JSON file with a missing or wrong value."""
Releases = Mapping[str, ReleaseRecord]
"""By the record's file name."""


def find_inconsistencies(folder: Path) -> list[str]:
    """Return a message for everything that disagrees or cannot be read.

    Args:
        folder: the released weights, with records, listing, cards and data sheet. The comparison
            and the plots are in `docs`, two folders above.
    """
    docs = locate_plots(folder).parent
    try:
        releases = load_release_records(folder)
        stored = load_run_records(folder / RECORDS_FOLDER)
        errors = _check_cards(folder) + _check_weights(folder, releases)
        for name, release in releases.items():
            errors += _check_data(folder, name, release) + _check_metrics(name, release)
            if (folder / RECORDS_FOLDER).is_dir():
                errors += _check_history(name, release, stored)
        for name, run in stored.items():
            errors += find_metric_errors(f"{RECORDS_FOLDER}/{name}.json", run.evaluation or {})
        if docs.is_dir():
            errors += _check_model_plots(docs, releases)
            errors += _check_comparison(docs, folder, stored, releases)
    except (BadData, OSError) as error:
        return [str(error)]
    except MALFORMED as error:
        return [f"a record, {MODEL_LIST} or {DATA_SHEET} is incomplete: {error!r}"]
    return errors


def _check_metrics(name: str, release: ReleaseRecord) -> list[str]:
    return [
        error
        for model, metrics in release.released.items()
        for error in (
            *find_metric_errors(f"{name}, {model}", metrics),
            *(f"{name}, {model}: {failure}" for failure in _list_gate_failures(metrics)),
        )
    ]


def _list_gate_failures(metrics: Json) -> list[str]:
    """List limits of the release gate that the recorded measurements exceed."""
    return list_gate_failures(metrics["validation"]) if "validation" in metrics else []


def _check_cards(folder: Path) -> list[str]:
    cards = render_cards(folder)
    errors = [
        f"{path.name} is out of date; run the card command"
        for path, text in cards.items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    strays = sorted(set(folder.glob("*.md")) - set(cards))
    return errors + [f"{path.name} does not belong to a record; remove it" for path in strays]


def _check_data(folder: Path, name: str, release: ReleaseRecord) -> list[str]:
    """Check that the data sheet counts the faces that the release was trained on."""
    if not (folder / DATA_SHEET).exists():
        return [f"{DATA_SHEET} is missing"]
    sheet = read_json(folder / DATA_SHEET)
    if sheet["sha256"] != release.data_sha256:
        return [f"{name} was trained on other data than that of {DATA_SHEET}"]
    if (release.settings.split_seed, release.settings.validation_share) != SHEET_SPLIT:
        return []  # the sheet counts the default split only
    counts = sheet["split_rows"].get(release.settings.split)
    if counts is None or all(counts[part] == rows for part, rows in release.rows.items()):
        return []
    return [f"{name} and {DATA_SHEET} count different rows"]


def _check_history(name: str, release: ReleaseRecord, stored: StoredRecords) -> list[str]:
    """Check the release against the stored records of its own run and of its teachers."""
    errors = [
        f"{name}: the record of its teacher {teacher} is missing in {RECORDS_FOLDER}/"
        for teacher in list_missing_teachers(release, stored)
    ]
    own = next((run for run in stored.values() if _has_same_start(run, release)), None)
    if own is None or own.evaluation is None:
        return [*errors, f"{name}: the record of its own run is missing in {RECORDS_FOLDER}/"]
    first = next(iter(release.released.values()))
    accuracy = release.single_view or {head: first[head]["accuracy"] for head in HEADS}
    different = _list_differences(release, own) + [
        f"accuracy on {head}"
        for head in HEADS
        if abs(accuracy[head] - own.evaluation[head]["accuracy"]) > MAX_ACCURACY_DIFFERENCE
    ]
    return errors + [
        f"{name} and {RECORDS_FOLDER}/{own.name}.json disagree about {item}" for item in different
    ]


def _has_same_start(run: RunRecord, other: RunRecord) -> bool:
    return run.started_at == other.started_at and bool(run.averaged) == bool(other.averaged)


def _list_differences(run: RunRecord, other: RunRecord) -> list[str]:
    different = []
    for item in fields(RunRecord):
        first, second = (_identify(getattr(record, item.name)) for record in (run, other))
        is_absent = item.name in OPTIONAL_FIELDS and None in (first, second)
        if item.name not in NOT_COMPARED and first != second and not is_absent:
            different.append(item.name)
    return different


def _identify(value: Any) -> Any:
    """Reduce nested records, complete in one file and named in the other, to comparable values."""
    if isinstance(value, RunRecord):
        return value.settings, value.started_at, value.log
    if isinstance(value, list):
        return [(v.run, v.weight) if isinstance(v, AveragedRun) else v for v in value]
    return value


def _check_weights(folder: Path, releases: Releases) -> list[str]:
    """Check that weight files and listing are those of the records."""
    listing, known, errors = read_json(folder / MODEL_LIST), set(), []
    unlisted = dict(listing["models"])
    for name, release in releases.items():
        files = {f"{model}.onnx": item["sha256"] for model, item in release.released.items()}
        if release.trainable:
            files[release.trainable["file"]] = release.trainable["sha256"]
        for file, sha256 in files.items():
            errors += _check_file(folder / file, sha256, release)
        for model in release.released:
            errors += _check_entry(name, model, unlisted.pop(model, {}), release)
        known |= set(files)
    errors += [f"{MODEL_LIST} lists {model}, which no record describes" for model in unlisted]
    if listing["default"] not in listing["models"]:
        errors.append(f"{MODEL_LIST} does not list its default, {listing['default']}")
    weights = [*folder.glob("*.onnx"), *folder.glob("*.safetensors")]
    strays = sorted(path.name for path in weights if path.name not in known)
    return errors + [f"{stray} does not belong to a record; remove it" for stray in strays]


def _check_file(path: Path, sha256: str, release: ReleaseRecord) -> list[str]:
    if not path.exists():
        return [f"{path.name} is missing"]
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != sha256:
        return [f"{path.name} has another sha256 than its record"]
    return _check_graph(path.name, content, release) if path.suffix == ".onnx" else []


def _check_graph(name: str, content: bytes, release: ReleaseRecord) -> list[str]:
    model = onnx.load_model_from_string(content)
    opsets = {item.version for item in model.opset_import if item.domain in ("", "ai.onnx")}
    shape = [item.dim_value for item in model.graph.input[0].type.tensor_type.shape.dim]
    errors = []
    if opsets != {release.opset}:
        errors.append(f"{name} has opset {max(opsets)}, its record {release.opset}")
    if shape[1:] != [1, release.side, release.side]:
        errors.append(f"{name} has an input side of {shape[-1]}, its record {release.side}")
    return errors


def _check_entry(
    record_name: str, model: str, entry: dict[str, Any], release: ReleaseRecord
) -> list[str]:
    expected = {
        "file": f"{model}.onnx",
        "sha256": release.released[model]["sha256"],
        "side": release.side,
        "temperature": release.released[model]["temperature"],
        "licence": LICENCE,
        "metrics": CARD,
    }
    wrong = [key for key, value in expected.items() if entry.get(key) != value]
    if not wrong:
        return []
    return [f"{MODEL_LIST} and {record_name} disagree about {model}: {', '.join(wrong)}"]


def _check_model_plots(docs: Path, releases: Releases) -> list[str]:
    plots: dict[str, Json] = {}
    for release in releases.values():
        for model, metrics in release.released.items():
            plots |= {f"{model}-{plot}.png": metrics for plot in list_plots(metrics)}
    folder = docs / PLOT_FOLDER.name
    return _check_plots(folder, plots, "card --figures") if folder.is_dir() else []


def _check_plots(folder: Path, plots: Mapping[str, Any], command: str) -> list[str]:
    errors = []
    for name, shown in plots.items():
        if not (folder / name).exists():
            errors.append(f"{folder.name}/{name} is missing; run {command}")
        elif not is_plot_of(folder / name, shown):
            errors.append(f"{folder.name}/{name} shows other metrics; run {command}")
    return errors


def _check_comparison(
    docs: Path, folder: Path, stored: StoredRecords, releases: Releases
) -> list[str]:
    page, data = docs / "comparison.md", docs / "comparison.json"
    if not page.exists() and not data.exists():
        return []
    if not (page.exists() and data.exists()):
        return ["comparison.md or comparison.json is missing; run compare"]
    measured, results = read_json(data), read_results(folder / RECORDS_FOLDER)
    errors = []
    if page.read_text(encoding="utf-8") != render_comparison(measured, results):
        errors.append("comparison.md is out of date; run compare --measured comparison.json")
    by_name = {result.name: result for result in results}
    for name, run in stored.items():
        result = by_name.get(name)
        if result is None or build_result(run, result.parameters, result.formerly) != result:
            errors.append(f"{RESULTS_FILE} and the record of {name} disagree; run keep")
    sha256 = {name: v["sha256"] for r in releases.values() for name, v in r.released.items()}
    errors += [
        f"comparison.json measured another {model['name']} than is released; run compare"
        for model in measured["released"]
        if model.get("sha256", sha256.get(model["name"])) != sha256.get(model["name"])
    ]
    plots = list_comparison_plots(measured, results)
    return errors + _check_plots(docs / PLOT_FOLDER.name, plots, "compare --figures")
