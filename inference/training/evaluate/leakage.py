"""Prevent the evaluation of a network on faces that its weights were trained on.

A record names the data (by sha256) and the split. A run that resumes from it, starts from
it or is distilled from it has to hold out the same faces. The same pictures in another file count
as other data.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from inference.expressions import WEIGHTS
from inference.training.data.splits import STUDY
from inference.training.errors import BadData
from inference.training.networks.initial_weights import IMAGENET_START, RELEASED, SCRATCH
from inference.training.records import (
    RUN_RECORD,
    DataUse,
    RunRecord,
    load_release_record,
    load_run_record,
)


def list_run_data_uses(run: Path) -> list[DataUse]:
    """Return the data that a run's weights were trained on; empty without a record."""
    record = run / RUN_RECORD
    return load_run_record(record).list_data_uses() if record.exists() else []


def list_start_data_uses(start: str, architecture: str) -> list[DataUse]:
    """Return the data that initial weights were trained on.

    Empty for ImageNet's weights, random ones, and a checkpoint without a record in its folder.
    """
    if start in (SCRATCH, IMAGENET_START):
        return []
    if start != RELEASED:
        return list_run_data_uses(Path(start).parent)
    record = WEIGHTS / f"{architecture}.record.json"
    return load_release_record(record).list_data_uses() if record.exists() else []


def check_same_split(what: str, uses: Sequence[DataUse], wanted: DataUse) -> None:
    """Raise BadData if `what` was trained on the same data file with another split."""
    for use in uses:
        if use.data_sha256 == wanted.data_sha256 and _get_split_key(use) != _get_split_key(wanted):
            raise BadData(
                f"{what} was trained on these faces with another split ({_describe(use)}, not "
                f"{_describe(wanted)}): faces held out by this split were trained on"
            )


def check_same_dataset(run: Path, record: RunRecord, data_sha256: str) -> None:
    """Raise BadData if the run was trained on another data file."""
    if record.data_sha256 != data_sha256:
        raise BadData(
            f"{run} was trained on other faces (sha256 {record.data_sha256[:12]}...) than these "
            f"({data_sha256[:12]}...); pass those it was started with, or another folder with --run"
        )


def _get_split_key(use: DataUse) -> tuple[Any, ...]:
    """Return what determines a split; the study split ignores the validation share."""
    share = None if use.split == STUDY else use.validation_share
    return use.split, use.split_seed, share


def _describe(use: DataUse) -> str:
    share = "" if use.split == STUDY else f", validation share {use.validation_share}"
    return f"{use.split} split, seed {use.split_seed}{share}"
