"""Where a network's weights come from: every run before it, its teachers, hours, energy."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from inference.training.settings import Settings

Record = dict[str, Any]
Kept = Mapping[str, Record]
"""The records that the repository keeps, by the run's name."""

NETWORKS = {
    "mobilenet_v2": "MobileNetV2, width 1.0 (Sandler et al. 2018)",
    "mobilenet_v3_small": "MobileNetV3-Small, width 1.0 (Howard et al. 2019)",
    "mobilenet_v3_large": "MobileNetV3-Large, width 1.0 (Howard et al. 2019)",
    "efficientnet_b0": "EfficientNet-B0 (Tan and Le 2019)",
}
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
CORES, WATTS_A_CORE = 2, 10
"""Assumed, for lack of a meter: what a busy server core takes, with its share of the machine."""


def ancestry(record: Record) -> list[Record]:
    """Every run that a record's weights went through, once each, the earliest first."""
    found: list[Record] = []
    for source in _sources(record):
        found += _new(ancestry(source), found)
    return found if "soup" in record else [*found, record]


def _sources(record: Record) -> list[Record]:
    if "soup" in record:
        return [each["record"] for each in record["soup"]]
    return [record["before"]] if record.get("before") else []


def _new(runs: list[Record], known: list[Record]) -> list[Record]:
    return [run for run in runs if not any(same_run(run, each) for each in known)]


def same_run(one: Record, other: Record) -> bool:
    """Is it the same training, whatever else the two records hold?"""
    return all(one[name] == other[name] for name in ("settings", "started_at", "log"))


def teaching_runs(record: Record, kept: Kept) -> list[Record]:
    """Runs that taught one of its ancestry, with what they came from, less the ancestry itself."""
    known = ancestry(record)
    own, learned = len(known), 0
    while learned < len(known):  # teachers may have had teachers
        for name in _teachers(known[learned]):
            if name in kept:
                known += _new(ancestry(kept[name]), known)
        learned += 1
    return known[own:]


def _teachers(record: Record) -> list[str]:
    return [each["run"] for each in record.get("teachers") or []]


def unknown_teachers(record: Record, kept: Kept) -> list[str]:
    """Teachers that no kept record tells of."""
    runs = [*ancestry(record), *teaching_runs(record, kept)]
    names = (name for run in runs for name in _teachers(run))
    return [name for name in dict.fromkeys(names) if name not in kept]


def soup_parts(record: Record) -> list[str]:
    """The runs that a soup is of, and how many portions of each; none for another record."""
    parts = [(each["run"], each.get("portions", 1)) for each in record.get("soup", [])]
    return [name if portions == 1 else f"{name} {portions} times" for name, portions in parts]


def hours_of(runs: list[Record]) -> float:
    return float(sum(run["log"][-1]["seconds"] for run in runs) / 3600)


def kilowatt_hours(hours: float) -> float:
    return hours * CORES * WATTS_A_CORE / 1000


def kept_epoch(record: Record) -> Record:
    """The epoch whose weights were kept: the lowest validation loss at the last picture size."""
    side = record["log"][-1]["side"]
    last: Record = min(
        (line for line in record["log"] if line["side"] == side), key=lambda line: line["loss"]
    )
    return last


def training_lines(record: Record, kept: Kept) -> list[str]:
    """Markdown, one line a run: what the weights went through, then who taught them."""
    lines = [_run(each, _name(each, kept)) for each in ancestry(record)]
    if "soup" in record:
        names = ", ".join(soup_parts(record))
        lines.append(
            f"- the mean of the weights of {len(record['soup'])} of these runs ({names}), chosen "
            f"on the validation part (model soup, Wortsman et al. 2022){_lowered(record)}"
        )
    for each in teaching_runs(record, kept):
        name = _name(each, kept) or "before a teacher"
        network = NETWORKS[each["settings"]["architecture"]]
        lines.append(_run(each, f"teacher: {name}, {network}"))
    absent = ", ".join(unknown_teachers(record, kept))
    return [*lines, f"- teachers without a record here: {absent}"] if absent else lines


def _lowered(record: Record) -> str:
    """What a soup lowered the loss to that it was chosen by."""
    loss = record["loss_as_released"]
    name, alone = min(loss["alone"].items(), key=lambda each: each[1])
    return f": loss of both heads {loss['soup']:.4f}, the best run's alone {alone:.4f} ({name})"


def _name(record: Record, kept: Kept) -> str:
    return next((name for name, each in kept.items() if same_run(each, record)), "")


def _run(record: Record, name: str) -> str:
    settings = record["settings"]
    done = Counter(line["side"] for line in record["log"])
    stages = ", ".join(f"{side} x {epochs}" for side, epochs in done.items())
    parts = [
        f"- {f'**{name}**, ' if name else ''}from {start_of(record)}{_mean_behind(record)}: "
        f"pixels x epochs {stages}",
        f"batch {settings['batch_size']}, peak learning rate {settings['learning_rate']}, "
        f"seed {settings['seed']}",
        *_specialities(record),
        f"validation accuracy {100 * kept_epoch(record)['accuracy']:.1f} %",
        f"{record['log'][-1]['seconds'] / 3600:.1f} hours",
        record["machine"],
        f"revision `{record['git_revision']}`",
    ]
    return "; ".join(parts)


def _mean_behind(record: Record) -> str:
    """Of what the start was the mean, where it was one: a soup is no run, and has no line."""
    parts = ", ".join(soup_parts(record.get("before") or {}))
    return f" (the mean of the weights of {parts})" if parts else ""


def start_of(record: Record) -> str:
    """What its weights were at first, with the licence as far as known."""
    start: str = record["start"]
    return EARLIER_STARTS.get(start, start)


def _specialities(record: Record) -> list[str]:
    """What a run did that is not done unasked."""
    settings, parts = record["settings"], []
    if record.get("aligned_faces"):
        aligned = f"half of the pictures aligned by the eyes ({record['aligned_faces']} faces)"
        parts.append(aligned)
    if names := _teachers(record):
        live = any(each.get("live") for each in record["teachers"])
        asked = ", asked about every view" if live else ""
        share = f"{settings['teacher_share']:.0%} of the targets"
        parts.append(f"{share} from the runs {', '.join(names)}{asked}")
    mixup = settings.get("mixup_share", Settings.mixup_share)
    if mixup != Settings.mixup_share:
        parts.append(f"mixup in a share of {mixup}" if mixup else "no mixup")
    if (weight := settings.get("fer7_weight", Settings.fer7_weight)) != Settings.fer7_weight:
        parts.append(f"the seven labels' loss weighed {weight}, FER+'s 1")
    for name, words in SPECIAL_SETTINGS.items():
        if settings.get(name):
            parts.append(words.format(settings[name]))
    if "kept" in record:
        parts.append(f"kept: {record['kept']}")
    return parts
