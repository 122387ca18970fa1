"""What would let a network be judged on faces that it learned from; all of it is refused.

A run's record tells the data (by sha256) and the split. Whatever goes on from it, starts from it or
learns from what it says has to leave out the same faces. The same pictures in another file are
other data to this check.
"""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from inference.expressions import WEIGHTS
from inference.training.data.splits import STUDY
from inference.training.errors import BadData
from inference.training.networks.initial_weights import IMAGENET_START, RELEASED, SCRATCH
from inference.training.records import RUN_RECORD, read_json
from inference.training.settings import Settings

Learned = dict[str, Any]
"""Of which data, by sha256, which split was trained on."""
SPLIT_FIELDS = ("split", "split_seed", "validation_share")


def learned(settings: Mapping[str, Any], data_sha256: str) -> Learned:
    # A record from before a setting existed: what it would have said is the default.
    known = {**asdict(Settings()), **settings}
    return {"data_sha256": data_sha256, **{name: known[name] for name in SPLIT_FIELDS}}


def learned_from(record: Mapping[str, Any]) -> list[Learned]:
    """All that a record's weights have seen; starts, soups and teachers are followed.

    Of teachers, records from before `learned_from` hold the names only.
    """
    found = [learned(record["settings"], record["data_sha256"]), *record.get("learned_from", [])]
    sources = [record.get("before"), *(each["record"] for each in record.get("soup", []))]
    for source in sources:
        found += learned_from(source) if source else []
    return once_each(found)


def once_each(found: list[Learned]) -> list[Learned]:
    return [each for number, each in enumerate(found) if each not in found[:number]]


def run_learned_from(run: Path) -> list[Learned]:
    """Nothing for a folder of weights that has no record."""
    record = run / RUN_RECORD
    return learned_from(read_json(record)) if record.exists() else []


def start_learned_from(start: str, architecture: str) -> list[Learned]:
    """Nothing for ImageNet's weights and random ones, or where no record is beside a checkpoint."""
    if start in (SCRATCH, IMAGENET_START):
        return []
    if start != RELEASED:
        return run_learned_from(Path(start).parent)
    record = WEIGHTS / f"{architecture}.record.json"
    return learned_from(read_json(record)) if record.exists() else []


def refuse_other_split(
    what: str, seen: list[Learned], settings: Mapping[str, Any], data_sha256: str
) -> None:
    """Raises BadData where `what` has seen these very faces, but another part of them."""
    wanted = learned(settings, data_sha256)
    for each in seen:
        if each["data_sha256"] == data_sha256 and _draw(each) != _draw(wanted):
            raise BadData(
                f"{what} learned from these faces, split otherwise ({_said(each)}, not "
                f"{_said(wanted)}): faces that are held out here were trained on there"
            )


def refuse_other_faces(run: Path, record: Mapping[str, Any], data_sha256: str) -> None:
    if record["data_sha256"] != data_sha256:
        raise BadData(
            f"{run} learned from other faces (sha256 {record['data_sha256'][:12]}...) than these "
            f"({data_sha256[:12]}...); give those it began with, or another folder with --run"
        )


def _draw(each: Learned) -> tuple[Any, ...]:
    """The study split has no validation share of its own to set."""
    fields = SPLIT_FIELDS[:2] if each["split"] == STUDY else SPLIT_FIELDS
    return tuple(each[name] for name in fields)


def _said(each: Learned) -> str:
    share = "" if each["split"] == STUDY else f", validation share {each['validation_share']}"
    return f"{each['split']} split, seed {each['split_seed']}{share}"
