"""Refuse what would evaluate a network on faces that its weights have seen.

A record names the data (by sha256) and the split. Whatever resumes from it, starts from it or is
distilled from it has to hold out the same faces. The same pictures in another file count as other
data.
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
    """Return the data that a run's weights have seen; none for a folder without a record."""
    record = run / RUN_RECORD
    return load_run_record(record).list_data_uses() if record.exists() else []


def list_start_data_uses(start: str, architecture: str) -> list[DataUse]:
    """Return the data that initial weights have seen.

    None for ImageNet's weights and random ones, or where no record is beside a checkpoint.
    """
    if start in (SCRATCH, IMAGENET_START):
        return []
    if start != RELEASED:
        return list_run_data_uses(Path(start).parent)
    record = WEIGHTS / f"{architecture}.record.json"
    return load_release_record(record).list_data_uses() if record.exists() else []


def check_same_split(what: str, seen: Sequence[DataUse], wanted: DataUse) -> None:
    """Raise BadData where `what` has seen the same data file, split differently."""
    for use in seen:
        if use.data_sha256 == wanted.data_sha256 and _split_key(use) != _split_key(wanted):
            raise BadData(
                f"{what} learned from these faces on another split ({_describe(use)}, not "
                f"{_describe(wanted)}): faces held out here were trained on there"
            )


def check_same_dataset(run: Path, record: RunRecord, data_sha256: str) -> None:
    """Raise BadData where the run was trained on another data file."""
    if record.data_sha256 != data_sha256:
        raise BadData(
            f"{run} learned from other faces (sha256 {record.data_sha256[:12]}...) than these "
            f"({data_sha256[:12]}...); give those it began with, or another folder with --run"
        )


def _split_key(use: DataUse) -> tuple[Any, ...]:
    """The study split does not depend on the validation share."""
    share = None if use.split == STUDY else use.validation_share
    return use.split, use.split_seed, share


def _describe(use: DataUse) -> str:
    share = "" if use.split == STUDY else f", validation share {use.validation_share}"
    return f"{use.split} split, seed {use.split_seed}{share}"
