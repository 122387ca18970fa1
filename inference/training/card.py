"""Model cards and the data sheet, written from records, so that figures cannot drift from them.

Every released network has a card: MODEL_CARD.md for the default, <name>.md for the others.
`python -m inference.training card --check` says where cards, records and weights disagree.
"""

import hashlib
from collections import Counter
from pathlib import Path
from typing import Any

from inference.training.card_template import SECTION, TEMPLATE
from inference.training.data_card import data_card
from inference.training.record import read_json

NETWORKS = {
    "mobilenet_v2": "MobileNetV2, width 1.0 (Sandler et al. 2018)",
    "mobilenet_v3_small": "MobileNetV3-Small, width 1.0 (Howard et al. 2019)",
    "mobilenet_v3_large": "MobileNetV3-Large, width 1.0 (Howard et al. 2019)",
    "efficientnet_b0": "EfficientNet-B0 (Tan and Le 2019)",
}
LISTING, DATA_SHEET = "models.json", "data_sheet.json"
EARLIER_STARTS = {
    "mobilenet_v2-b0353104.pth": "torchvision's ImageNet weights "
    "(mobilenet_v2-b0353104.pth, BSD-3-Clause)",
    "best.pt": "the best weights of the run before",
}
"""Records of earlier runs name the file only."""
SPECIAL_SETTINGS = {
    "gentle_epochs": "last {} epochs gentle",
    "balance": "rare expressions weigh more (power {})",
    "cutmix_share": "CutMix in a share of {}",
    "sam_radius": "sharpness-aware steps of {}",
}
WATTS_A_CORE = 10
"""Assumed, for lack of a meter: what a busy server core takes, with its share of the machine."""

HEADLINES = {
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced accuracy",
    "macro_precision": "macro precision",
    "macro_recall": "macro recall",
    "macro_f1": "macro F1",
    "loss": "loss",
    "ece": "calibration error (15 equal bins)",
    "accuracy_at_85_coverage": "accuracy on the surest 85 %",
}


def model_card(record: dict[str, Any], default: str, others: dict[str, Any] | None = None) -> str:
    """Markdown from the record that `release` writes; `default` is the model used unasked.

    `others` are models of other networks that ship too; they are listed, with cards of their own.
    """
    released, settings = record["released"], record["settings"]
    first = next(iter(released.values()))
    files = [
        f"| `{name}.onnx` | `{each['sha256']}` | {_with_interval(each['ferplus'], 'accuracy')} |"
        for name, each in {**released, **(others or {})}.items()
    ]
    return TEMPLATE.format(
        name=next(iter(released)),
        files="\n".join(files),
        default=default,
        side=settings["stages"][-1][0],
        t8=first["temperature"]["expressions"],
        t7=first["temperature"]["fer7"],
        opset=record["opset"],
        calibration=record["calibration_faces"],
        train=record["rows"]["train"],
        validation=record["rows"]["validation"],
        data=record["data_sha256"],
        network=NETWORKS[settings["architecture"]],
        trainable=_trainable(record),
        watts=WATTS_A_CORE,
        energy=hours_of(record) * 2 * WATTS_A_CORE / 1000,
        runs="\n".join(runs_of(record)),
        sections="".join(_section(name, each) for name, each in released.items()),
    )


def _trainable(record: dict[str, Any]) -> str:
    if "trainable" not in record:
        return ""
    file = record["trainable"]
    return (
        f"\nTrainable weights: `{file['file']}` (fp16 safetensors, sha256 `{file['sha256']}`), "
        "from which `train --from released` starts.\n"
    )


def _ancestry(record: dict[str, Any]) -> list[dict[str, Any]]:
    """Every run that a record's weights went through, once each, the earliest first."""
    found: list[dict[str, Any]] = []
    for source in _sources(record):
        found += [each for each in _ancestry(source) if each not in found]
    return found if "soup" in record else [*found, record]


def _sources(record: dict[str, Any]) -> list[dict[str, Any]]:
    if "soup" in record:
        return [each["record"] for each in record["soup"]]
    return [record["before"]] if record.get("before") else []


def hours_of(record: dict[str, Any]) -> float:
    return float(sum(each["log"][-1]["seconds"] for each in _ancestry(record)) / 3600)


def runs_of(record: dict[str, Any]) -> list[str]:
    """One line a run, the earliest first."""
    lines = [_run(each) for each in _ancestry(record)]
    if "soup" in record:
        names = ", ".join(each["run"] for each in record["soup"])
        lines.append(
            f"- the mean of the weights of {len(record['soup'])} of these runs ({names}), chosen "
            "on the validation part (model soup, Wortsman et al. 2022)"
        )
    return lines


def _run(record: dict[str, Any]) -> str:
    settings = record["settings"]
    done = Counter(line["side"] for line in record["log"])
    stages = ", ".join(f"{side} x {epochs}" for side, epochs in done.items())
    start = EARLIER_STARTS.get(record["start"], record["start"])
    parts = [
        f"- from {start}: pixels x epochs {stages}",
        f"batch {settings['batch_size']}, peak learning rate {settings['learning_rate']}, "
        f"seed {settings['seed']}",
        *_specialities(record),
        f"{record['log'][-1]['seconds'] / 3600:.1f} hours",
        record["machine"],
        f"revision `{record['git_revision']}`",
    ]
    return "; ".join(parts)


def _specialities(record: dict[str, Any]) -> list[str]:
    """What a run did that is not done unasked."""
    settings, parts = record["settings"], []
    if record.get("aligned_faces"):
        aligned = f"half of the pictures aligned by the eyes ({record['aligned_faces']} faces)"
        parts.append(aligned)
    if record.get("teachers"):
        names = ", ".join(each["run"] for each in record["teachers"])
        parts.append(f"{settings['teacher_share']:.0%} of the targets from the runs {names}")
    for name, words in SPECIAL_SETTINGS.items():
        if settings.get(name):
            parts.append(words.format(settings[name]))
    if "kept" in record:
        parts.append(f"kept: {record['kept']}")
    return parts


def _section(name: str, figures: dict[str, Any]) -> str:
    eight, seven = figures["ferplus"], figures["fer7"]
    rows = [
        f"| {title} | {_with_interval(eight, key)} | {_with_interval(seven, key)} |"
        for key, title in HEADLINES.items()
    ]
    rows.append(f"| accuracy where 8 of 10 agree | {eight['accuracy_where_8_of_10_agree']:.3f} | |")
    rows += [
        f"| accuracy where {name} of 10 chose the label ({each['faces']} faces) | "
        f"{each['accuracy']:.3f} | |"
        for name, each in eight.get("by_agreement", {}).items()
    ]
    rows.append(f"| faces | {eight['faces']} | {seven['faces']} |")
    classes = [
        f"| {label} | {c['precision']:.3f} | {c['recall']:.3f} | {c['f1']:.3f} | {c['faces']} |"
        for label, c in eight["classes"].items()
    ]
    confusion = ["".join(f"{count:6d}" for count in row) for row in eight["confusion"]]
    return SECTION.format(
        name=name,
        rows="\n".join(rows),
        classes="\n".join(classes),
        confusion="\n".join(confusion),
        conditions=_conditions(figures.get("robustness")),
    )


def _conditions(found: dict[str, Any] | None) -> str:
    """Accuracy when faces are harmed, a line a kind of harm, from mild to severe."""
    if found is None:
        return ""
    lines = [
        "",
        f"Under harder conditions ({found['faces']} of the faces, FER+; untouched "
        f"{_with_interval(found['accuracy']['untouched'], 'accuracy')}):",
        "",
        "| condition | mild | | severe |",
        "|---|---|---|---|",
    ]
    for name, grades in found["accuracy"].items():
        if name != "untouched":
            cells = [f"{grade}: {each['accuracy']:.3f}" for grade, each in grades.items()]
            lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join([*lines, ""])


def _with_interval(figures: dict[str, Any], key: str) -> str:
    if isinstance(figures["interval_95"], dict) and key not in figures["interval_95"]:
        return f"{figures[key]:.3f}"
    interval = figures["interval_95"]
    low, high = interval[key] if isinstance(interval, dict) else interval
    return f"{figures[key]:.3f} ({low:.3f} to {high:.3f})"


def write_cards(folder: Path) -> list[Path]:
    """Every card that the records in `folder` call for; returns the files."""
    written = []
    for path, text in _cards(folder).items():
        path.write_text(text, encoding="utf-8")
        written.append(path)
    return written


def _cards(folder: Path) -> dict[Path, str]:
    default = read_json(folder / LISTING)["default"]
    records = {path: read_json(path) for path in sorted(folder.glob("*.record.json"))}
    everything = {k: v for record in records.values() for k, v in record["released"].items()}
    cards = {}
    for path, record in records.items():
        is_default = default in record["released"]
        name = "MODEL_CARD.md" if is_default else f"{path.name.removesuffix('.record.json')}.md"
        cards[folder / name] = model_card(record, default, everything if is_default else None)
    if (folder / DATA_SHEET).exists():
        cards[folder / "DATA_SHEET.md"] = data_card(read_json(folder / DATA_SHEET))
    return cards


def card_faults(folder: Path) -> list[str]:
    """Where cards, records, listing and weights disagree, a line each; none where all is well."""
    faults = []
    for path, text in _cards(folder).items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            faults.append(f"{path.name} is not what its record says; run the card command")
    listed = {name: each["sha256"] for name, each in read_json(folder / LISTING)["models"].items()}
    for path in sorted(folder.glob("*.record.json")):
        record = read_json(path)
        files = {f"{name}.onnx": each["sha256"] for name, each in record["released"].items()}
        if "trainable" in record:
            files[record["trainable"]["file"]] = record["trainable"]["sha256"]
        faults += _wrong_files(folder, files)
        for name, each in record["released"].items():
            if listed.pop(name, None) != each["sha256"]:
                faults.append(f"{LISTING} and {path.name} disagree about {name}")
    return faults + [f"{name} is listed, but no record tells of it" for name in listed]


def _wrong_files(folder: Path, files: dict[str, str]) -> list[str]:
    faults = []
    for name, sha256 in files.items():
        path = folder / name
        if not path.exists():
            faults.append(f"{name} is missing")
        elif hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
            faults.append(f"{name} is not the file that the record tells of")
    return faults
