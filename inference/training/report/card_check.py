"""Do cards, data sheet, records, listing, weights, comparison and drawings tell of the same thing?

`python -m inference.training card --check` prints what does not, a line each.
"""

import json
from pathlib import Path
from typing import Any

from inference.training.records import read_json
from inference.training.report.card import (
    DATA_SHEET,
    DRAWINGS,
    LISTING,
    RECORDS,
    cards,
    drawings_folder,
    kept_records,
)
from inference.training.report.compare_runs import row_of_run
from inference.training.report.drawings import is_drawn_from, parts_of
from inference.training.report.figure_check import evaluation_faults
from inference.training.report.lineage import Kept, Record, ancestry, same_run, unknown_teachers
from inference.training.report.page import comparison_drawings, comparison_page
from inference.training.report.weights_check import wrong_weights
from inference.training.settings import Settings

SAME_ACCURACY = 0.003
"""Between torch, of a run's record, and ONNX Runtime, of the file that was made of it."""
SHEET_SPLIT = {"split_seed": Settings().split_seed, "validation_share": Settings().validation_share}
OWN_TO_RELEASES = {"name", "evaluation", "opset", "calibration_faces", "rows", "trainable"}
OWN_TO_RELEASES |= {"released", "mirrored", "one_look", "restored_from"}
"""What only one of the two records of a training holds: the run's or the release's."""
HEADS = ("ferplus", "fer7")
KNOWN_SINCE = {"source", "people"}
"""What a release adds where the run was of before it was written down."""


def card_faults(folder: Path) -> list[str]:
    """Everything that disagrees, or cannot be read; nothing where all is well."""
    docs = drawings_folder(folder).parent
    if unreadable := _unreadable(folder, docs):
        return unreadable
    try:
        return _all_faults(folder, docs)
    except (KeyError, IndexError, TypeError, AttributeError, ValueError) as error:
        said = f"{type(error).__name__}: {error}"
        return [f"a record, {LISTING} or a data sheet lacks what a card needs ({said})"]


def _unreadable(folder: Path, docs: Path) -> list[str]:
    if not (folder / LISTING).exists():
        return [f"{folder} has no {LISTING}"]
    paths = [*folder.glob("*.json"), *(folder / RECORDS).glob("*.json")]
    comparison = docs / "comparison.json"
    faults = []
    for path in sorted([*paths, comparison] if comparison.exists() else paths):
        try:
            json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            faults.append(f"{path.name} is no JSON: {error}")
    return faults


def _all_faults(folder: Path, docs: Path) -> list[str]:
    records = {path.name: read_json(path) for path in sorted(folder.glob("*.record.json"))}
    kept = kept_records(folder)
    faults = _card_faults(folder) + wrong_weights(folder, records)
    for name, record in records.items():
        faults += _data_faults(folder, name, record)
        for model, figures in record["released"].items():
            faults += evaluation_faults(f"{name}, {model}", figures)
        if (folder / RECORDS).is_dir():
            faults += _history_faults(name, record, kept)
    for name, run in kept.items():
        faults += evaluation_faults(f"{RECORDS}/{name}.json", run["evaluation"])
    if docs.is_dir():
        faults += _drawing_faults(docs, records) + _comparison_faults(docs, kept, records)
    return faults


def _card_faults(folder: Path) -> list[str]:
    wanted = cards(folder)
    faults = [
        f"{path.name} is not what its record says; run the card command"
        for path, text in wanted.items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    strays = sorted(set(folder.glob("*.md")) - set(wanted))
    return faults + [f"{path.name} is nobody's: no record calls for it" for path in strays]


def _data_faults(folder: Path, name: str, record: Record) -> list[str]:
    """The data sheet is that of the faces which the record says it learned from."""
    if not (folder / DATA_SHEET).exists():
        return [f"{DATA_SHEET} is missing"]
    sheet = read_json(folder / DATA_SHEET)
    if sheet["sha256"] != record["data_sha256"]:
        return [f"{name} tells of other data than {DATA_SHEET}"]
    settings = record["settings"]
    if any(settings.get(key, usual) != usual for key, usual in SHEET_SPLIT.items()):
        return []  # the sheet counts the usual split only
    counted = sheet["split_rows"].get(settings.get("split", "official"))
    alike = counted is None or all(counted[part] == rows for part, rows in record["rows"].items())
    return [] if alike else [f"{name} counts other rows than {DATA_SHEET}"]


def _history_faults(name: str, record: Record, kept: Kept) -> list[str]:
    """What the record says of its training stands in the records of runs, word for word."""
    faults = [
        f"{name} and {RECORDS}/{each['name']}.json disagree about {', '.join(fields)}"
        for run in ancestry(record)
        for each in kept.values()
        if "soup" not in each
        and each["started_at"] == run["started_at"]
        and (fields := _different(run, each))
    ]
    faults += [
        f"{name}: no record in {RECORDS}/ is of its teacher {teacher}"
        for teacher in unknown_teachers(record, kept)
    ]
    own = next((run for run in kept.values() if same_run(run, record)), None)
    if own is None:
        return [*faults, f"{name}: no record in {RECORDS}/ is of the run that it tells of"]
    whole, torch = next(iter(record["released"].values())), own["evaluation"]
    once = record.get("one_look") or {head: whole[head]["accuracy"] for head in HEADS}
    return faults + [
        f"{name} and {RECORDS}/{own['name']}.json disagree about accuracy on {head}"
        for head in HEADS
        if abs(once[head] - torch[head]["accuracy"]) > SAME_ACCURACY
    ]


def _different(one: Record, other: Record) -> list[str]:
    shared = (one.keys() | other.keys()) - OWN_TO_RELEASES
    shared -= KNOWN_SINCE - (one.keys() & other.keys())
    return sorted(field for field in shared if one.get(field) != other.get(field))


def _drawing_faults(docs: Path, records: dict[str, Record]) -> list[str]:
    wanted: dict[str, Any] = {}
    for record in records.values():
        for model, figures in record["released"].items():
            wanted |= {f"{model}-{part}.png": figures for part in parts_of(figures)}
    folder = docs / DRAWINGS.name
    return _not_drawn(folder, wanted, "card --figures") if folder.is_dir() else []


def _not_drawn(folder: Path, wanted: dict[str, Any], command: str) -> list[str]:
    faults = []
    for name, what in wanted.items():
        if not (folder / name).exists():
            faults.append(f"{folder.name}/{name} is missing; run {command}")
        elif not is_drawn_from(folder / name, what):
            faults.append(f"{folder.name}/{name} shows other figures; run {command}")
    return faults


def _comparison_faults(docs: Path, kept: Kept, records: dict[str, Record]) -> list[str]:
    page, data = docs / "comparison.md", docs / "comparison.json"
    if not page.exists() and not data.exists():
        return []
    if not (page.exists() and data.exists()):
        return ["comparison.md and comparison.json belong together: one is missing"]
    found = read_json(data)
    faults = []
    if page.read_text(encoding="utf-8") != comparison_page(found):
        faults.append("comparison.md is not what comparison.json says; run compare")
    for row in found["runs"]:
        run = kept.get(row["name"])
        if run is None or json.loads(json.dumps(row_of_run(run))) != row:
            faults.append(f"comparison.json tells of {row['name']} what no record does")
    shipped = {k: v["sha256"] for each in records.values() for k, v in each["released"].items()}
    faults += [
        f"comparison.json measured another {each['name']} than ships; run compare"
        for each in found["released"]
        if each.get("sha256", shipped.get(each["name"])) != shipped.get(each["name"])
    ]
    drawn = _not_drawn(docs / DRAWINGS.name, comparison_drawings(found), "compare --figures")
    return faults + drawn
