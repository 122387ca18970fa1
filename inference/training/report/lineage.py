"""Collect what a model card shows of a training: every run, its teachers, hours and energy."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from inference.training.records import RunRecord, list_new_runs
from inference.training.settings import Settings

StoredRecords = Mapping[str, RunRecord]
"""The run records in the repository, by the run's name."""

NETWORKS = {
    "face_mobilenet_v1": "MobileNetV1 (Howard et al. 2017), trained for face recognition",
    "mobilenet_v2": "MobileNetV2, width 1.0 (Sandler et al. 2018)",
    "mobilenet_v3_small": "MobileNetV3-Small, width 1.0 (Howard et al. 2019)",
    "mobilenet_v3_large": "MobileNetV3-Large, width 1.0 (Howard et al. 2019)",
    "efficientnet_b0": "EfficientNet-B0 (Tan and Le 2019)",
}
FILE_ONLY_STARTS = {
    "mobilenet_v2-b0353104.pth": "torchvision's ImageNet weights "
    "(mobilenet_v2-b0353104.pth, BSD-3-Clause)",
    "best.pt": "the previous run's best checkpoint",
}
"""The oldest records name the file of the initial weights only."""
CORES, WATTS_PER_CORE = 2, 10
"""Assumption in place of a power meter: a busy server core with its share of the machine."""


def list_teacher_runs(record: RunRecord, stored: StoredRecords) -> list[RunRecord]:
    """List the teachers of the run and its ancestors, with their own ancestors and teachers."""
    known = record.list_ancestry()
    own, visited = len(known), 0
    while visited < len(known):
        for teacher in known[visited].teachers:
            if teacher.run in stored:
                known += list_new_runs(stored[teacher.run].list_ancestry(), known)
        visited += 1
    return known[own:]


def list_missing_teachers(record: RunRecord, stored: StoredRecords) -> list[str]:
    """List teachers without a stored record."""
    runs = [*record.list_ancestry(), *list_teacher_runs(record, stored)]
    names = dict.fromkeys(teacher.run for run in runs for teacher in run.teachers)
    return [name for name in names if name not in stored]


def sum_hours(runs: Iterable[RunRecord]) -> float:
    return sum(run.log[-1].seconds for run in runs) / 3600


def summarize_training(record: RunRecord, stored: StoredRecords) -> dict[str, Any]:
    """Collect the values of a model card's training section.

    Args:
        record: of the released run.
        stored: records to look up teachers in.
    """
    ancestors, teachers = record.list_ancestry(), list_teacher_runs(record, stored)
    hours, teacher_hours = sum_hours(ancestors), sum_hours(teachers)
    loss = record.averaging_loss
    return {
        "runs": [_summarize_run(run, stored) for run in ancestors],
        "averaged": [str(candidate) for candidate in record.averaged],
        "average_loss": loss.average if loss else None,
        "best_candidate": min(loss.candidates.items(), key=lambda item: item[1]) if loss else None,
        "teachers": [_summarize_run(run, stored) for run in teachers],
        "missing_teachers": list_missing_teachers(record, stored),
        "hours": hours,
        "teacher_hours": teacher_hours,
        "watts_per_core": WATTS_PER_CORE,
        "kilowatt_hours": hours * CORES * WATTS_PER_CORE / 1000,
        "kilowatt_hours_with_teachers": (hours + teacher_hours) * CORES * WATTS_PER_CORE / 1000,
    }


def _summarize_run(run: RunRecord, stored: StoredRecords) -> dict[str, Any]:
    return {
        "name": next((name for name, other in stored.items() if other.is_same_run(run)), ""),
        "network": NETWORKS[run.settings.architecture],
        "start": FILE_ONLY_STARTS.get(run.start, run.start),
        "start_averaged": [str(part) for part in run.before.averaged] if run.before else [],
        "epochs_by_side": Counter(line.side for line in run.log),
        "defaults": Settings(),
        "hours": sum_hours([run]),
        "record": run,
    }
