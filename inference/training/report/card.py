"""Model cards and the data sheet, written from records, so that figures cannot drift from them.

Every released network has a card: MODEL_CARD.md for the default, <name>.md for the others.
`python -m inference.training card --check` (`card_check`) says where anything disagrees.
"""

import hashlib
from pathlib import Path
from typing import Any

from inference.training.records import read_json
from inference.training.report.card_figures import section
from inference.training.report.card_template import TEMPLATE
from inference.training.report.data_card import data_card
from inference.training.report.data_words import data_words, is_of_fer2013
from inference.training.report.goals import goals_text
from inference.training.report.lineage import (
    NETWORKS,
    WATTS_A_CORE,
    Kept,
    ancestry,
    hours_of,
    kilowatt_hours,
    teaching_runs,
    training_lines,
)

LISTING, DATA_SHEET, RECORDS = "models.json", "data_sheet.json", "records"
TWO_LOOKS = "the mean of the logits for the face and for its mirror image, "
DRAWINGS = Path("docs/figures")
"""From the repository's root, which is two folders above the weights."""


def drawings_folder(weights: Path) -> Path:
    return weights.resolve().parents[1] / DRAWINGS


def model_card(path: Path, default: str, kept: Kept, others: dict[str, Any] | None = None) -> str:
    """Markdown from the record that `release` writes at `path`; `default` is used unasked.

    `kept` are the records of runs; `others` are models of other networks that ship too, which are
    listed, with cards of their own.
    """
    record = read_json(path)
    released, settings = record["released"], record["settings"]
    first = next(iter(released.values()))
    files = [
        f"| `{name}.onnx` | `{each['sha256']}` | {_accuracy(each['ferplus'])} |"
        for name, each in {**released, **(others or {})}.items()
    ]
    hours, taught = hours_of(ancestry(record)), hours_of(teaching_runs(record, kept))
    return TEMPLATE.format(
        name=next(iter(released)),
        record=path.name,
        files="\n".join(files),
        default=default,
        record_sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        side=settings["stages"][-1][0],
        t8=first["temperature"]["expressions"],
        t7=first["temperature"]["fer7"],
        looks=TWO_LOOKS if record.get("mirrored") else "",
        opset=record["opset"],
        calibration=record["calibration_faces"],
        **data_words(record),
        network=NETWORKS[settings["architecture"]],
        trainable=_trainable(record),
        watts=WATTS_A_CORE,
        hours=hours,
        taught=taught,
        energy=kilowatt_hours(hours),
        energy_in_all=kilowatt_hours(hours + taught),
        runs="\n".join(training_lines(record, kept)),
        goals=goals_text(record),
        sections="".join(
            section(name, each, _there(path.parent)) for name, each in released.items()
        ),
    )


def _accuracy(figures: dict[str, Any]) -> str:
    low, high = figures["interval_95"]["accuracy"]
    return f"{figures['accuracy']:.3f} ({low:.3f} to {high:.3f})"


def _there(weights: Path) -> set[str]:
    """The drawings and galleries that a card can point to."""
    return {path.name for path in drawings_folder(weights).glob("*")}


def _trainable(record: dict[str, Any]) -> str:
    if "trainable" not in record:
        return ""
    file = record["trainable"]
    # A school's stand beside its other files, where --from released does not look.
    use = ", from which `train --from released` starts" if is_of_fer2013(record) else ""
    said = f"`{file['file']}` (fp16 safetensors, sha256 `{file['sha256']}`)"
    return f"\nTrainable weights: {said}{use}.\n"


def write_cards(folder: Path) -> list[Path]:
    """Every card that the records in `folder` call for; returns the files."""
    written = []
    for path, text in cards(folder).items():
        path.write_text(text, encoding="utf-8")
        written.append(path)
    return written


def cards(folder: Path) -> dict[Path, str]:
    """What the cards and the data sheet in `folder` have to say, by file."""
    default, kept = read_json(folder / LISTING)["default"], kept_records(folder)
    records = {path: read_json(path) for path in sorted(folder.glob("*.record.json"))}
    everything = {k: v for record in records.values() for k, v in record["released"].items()}
    found = {}
    for path, record in records.items():
        is_default = default in record["released"]
        name = "MODEL_CARD.md" if is_default else f"{path.name.removesuffix('.record.json')}.md"
        others = everything if is_default else None
        found[folder / name] = model_card(path, default, kept, others)
    if (folder / DATA_SHEET).exists():
        found[folder / "DATA_SHEET.md"] = data_card(read_json(folder / DATA_SHEET))
    return found


def kept_records(folder: Path) -> dict[str, dict[str, Any]]:
    """The records of finished runs beside the weights, by name."""
    return {path.stem: read_json(path) for path in sorted((folder / RECORDS).glob("*.json"))}
