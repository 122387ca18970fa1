"""Write model cards and the data sheet from records, so that the metrics in them cannot drift.

Every released network has a card: MODEL_CARD.md for the default, <name>.md for the others.
`python -m inference.training card --check` (`consistency`) lists what disagrees.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from inference.training.data.dataset import FER2013, FER2013_SHA256
from inference.training.evaluate.evaluated_model import MODEL_LIST
from inference.training.evaluate.frequent_classes import add_frequent_metrics
from inference.training.evaluate.gate import LIMITS
from inference.training.json_files import read_json
from inference.training.records import (
    RECORDS_FOLDER,
    ReleaseRecord,
    load_release_record,
    load_release_records,
    load_run_records,
)
from inference.training.report.lineage import NETWORKS, StoredRecords, summarize_training
from inference.training.report.plot_metadata import PLOTS, list_plots
from inference.training.report.rendering import render
from inference.training.report.targets import INT8_SPEEDUP_TARGET, compare_with_targets

DATA_SHEET = "data_sheet.json"
PLOT_FOLDER = Path("docs/figures")
"""From the repository's root, which is two folders above the weights."""
GALLERY = "errors.json"
HEADS = ("ferplus", "fer7")
HEADLINE_METRICS = {
    "accuracy": "accuracy",
    "frequent_precision": "precision, mean of the frequent expressions",
    "frequent_recall": "recall, mean of the frequent expressions",
    "frequent_f1": "F1, mean of the frequent expressions",
    "loss": "cross-entropy loss",
    "ece": "expected calibration error (15 equal-mass bins)",
    "accuracy_at_85_coverage": "accuracy at 85 % coverage",
}
Metrics = dict[str, Any]


def write_cards(folder: Path) -> list[Path]:
    """Write a card for every record in the folder; return the files."""
    cards = render_cards(folder)
    for path, text in cards.items():
        path.write_text(text, encoding="utf-8")
    return list(cards)


def render_cards(folder: Path) -> dict[Path, str]:
    """Render the cards and the data sheet of a weights folder, by file."""
    default = read_json(folder / MODEL_LIST)["default"]
    stored = load_run_records(folder / RECORDS_FOLDER)
    records = load_release_records(folder)
    all_models = {k: v for record in records.values() for k, v in record.released.items()}
    sheet = read_json(folder / DATA_SHEET) if (folder / DATA_SHEET).exists() else None
    cards = {}
    for file, record in records.items():
        is_default = default in record.released
        name = "MODEL_CARD.md" if is_default else file.replace(".record.json", ".md")
        others = all_models if is_default else {}
        cards[folder / name] = render_model_card(folder / file, default, stored, others, sheet)
    if sheet:
        cards[folder / "DATA_SHEET.md"] = render_data_sheet(sheet)
    return cards


def render_data_sheet(sheet: Mapping[str, Any]) -> str:
    """Render what `data.data_sheet.compute_data_sheet` counted."""
    is_fer2013 = is_of_fer2013(sheet.get("source"), sheet["sha256"])
    return render("data_sheet.md.j2", sheet=sheet, is_fer2013=is_fer2013)


def render_model_card(
    path: Path,
    default: str,
    stored: StoredRecords,
    others: Mapping[str, Metrics],
    sheet: Mapping[str, Any] | None,
) -> str:
    """Render the card of the network whose release record is at `path`.

    Args:
        path: a `*.record.json`.
        default: the model that the product loads by default.
        stored: the records of earlier runs and teachers.
        others: released models of other networks, listed with their files.
        sheet: the counts of the data sheet, where there is one.
    """
    record = load_release_record(path)
    released = {name: _add_frequent(metrics) for name, metrics in record.released.items()}
    is_fer2013 = is_of_fer2013(record.source, record.data_sha256)
    plot_folder = locate_plots(path.parent)
    return render(
        "model_card.md.j2",
        name=next(iter(released)),
        record=record,
        record_file=path.name,
        record_sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        default=default,
        network=NETWORKS[record.settings.architecture],
        side=record.side,
        temperature=next(iter(released.values()))["temperature"],
        released=released,
        files={**released, **others},
        is_fer2013=is_fer2013,
        split=record.settings.split,
        test_set=_name_test_set(is_fer2013, record.settings.split),
        earlier_data=_list_earlier_data(record),
        headline_metrics=HEADLINE_METRICS,
        shifted=[(name, metrics) for name, metrics in released.items() if "shifted" in metrics],
        gate_limits=LIMITS,
        agreement=_collect_agreement(released),
        labels_agree_share=sheet["labels_agree_share"] if sheet and is_fer2013 else None,
        targets=compare_with_targets(record),
        speedup_target=INT8_SPEEDUP_TARGET,
        plots={name: _list_links(name, released[name], plot_folder) for name in released},
        **summarize_training(record, stored),
    )


def _add_frequent(metrics: Metrics) -> Metrics:
    return {**metrics, **{head: add_frequent_metrics(metrics[head]) for head in HEADS}}


def is_of_fer2013(source: str | None, sha256: str) -> bool:
    """Return whether faces are FER2013; earlier records have the file's sha256 only."""
    return source == FER2013 or sha256 == FER2013_SHA256


def locate_plots(weights: Path) -> Path:
    return weights.resolve().parents[1] / PLOT_FOLDER


def _name_test_set(is_fer2013: bool, split: str) -> str:
    if is_fer2013:
        return {"study": "the study split's test part"}.get(split, "PublicTest")
    return {"study": "held-out faces"}.get(split, "the test faces")


def _list_earlier_data(record: ReleaseRecord) -> list[str]:
    earlier = {use.data_sha256 for use in record.list_data_uses()} - {record.data_sha256}
    return [
        f"FER2013 (sha256 `{sha256}`)" if sha256 == FER2013_SHA256 else f"sha256 `{sha256}`"
        for sha256 in sorted(earlier)
    ]


def _collect_agreement(released: Mapping[str, Metrics]) -> list[dict[str, Any]]:
    """Collect accuracy by number of agreeing annotators; cells in the order of `released`."""
    heads = [metrics["ferplus"] for metrics in released.values()]
    rows = [
        {
            "annotators": name,
            "faces": part["faces"],
            "cells": [head["by_agreement"][name] for head in heads],
        }
        for name, part in heads[0].get("by_agreement", {}).items()
    ]
    key = "accuracy_where_8_of_10_agree"
    if heads[0][key] is not None:
        cells = [
            {"accuracy": head[key], "interval_95": head["interval_95"].get(key)} for head in heads
        ]
        faces = heads[0]["faces_where_8_of_10_agree"]
        rows.append({"annotators": "8 or more", "faces": faces, "cells": cells})
    return rows


def _list_links(name: str, metrics: Metrics, folder: Path) -> list[tuple[str, str]]:
    """List title and file of the plots, and of the error gallery, that exist."""
    links = [(PLOTS[plot], f"{name}-{plot}.png") for plot in list_plots(metrics)]
    links.append(("most confident errors, by row number of the data", f"{name}-{GALLERY}"))
    return [(title, file) for title, file in links if (folder / file).exists()]
