"""What a card says of the faces: FER2013 is known; of others, whoever gathered them tells."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from inference.training.data.dataset import FER2013, FER2013_SHA256
from inference.training.data.splits import STUDY
from inference.training.records import JSON_KEYS, DataUse, RunRecord
from inference.training.settings import Settings

Facts = Mapping[str, Any]


def is_of_fer2013(facts: Facts) -> bool:
    """`facts`: a run's record, or a data sheet; earlier ones tell by the file's sha256 alone."""
    sha256 = facts.get("data_sha256", facts.get("sha256"))
    return facts.get("source") == FER2013 or sha256 == FER2013_SHA256


def data_words(record: Facts) -> dict[str, str]:
    """The parts of a model card that depend on which faces it learned from, split how."""
    study = record["settings"].get("split", Settings.split) == STUDY
    if is_of_fer2013(record):
        words = {**FER2013_WORDS, **(FER2013_STUDY if study else FER2013_OFFICIAL)}
    else:
        words = {**OTHER_WORDS, **(OTHER_STUDY if study else OTHER_OFFICIAL)}
    rows = record["rows"]
    parts = words.pop("parts").format(train=rows["train"], validation=rows["validation"])
    data = words.pop("faces") + parts + _who_is_who(record) + _before(record)
    return {**words, "data_words": f"{data} Data file sha256 `{record['data_sha256']}`."}


def _who_is_who(record: Facts) -> str:
    if is_of_fer2013(record) or "people" not in record:
        return ""
    if record["people"] is None:
        return (
            "\nWho is who was not given: one person may have been trained on and tested on, which "
            "flatters\nthe figures."
        )
    return f"\nOf {record['people']} people, nobody was both trained on and tested on."


def _list_data_uses(record: Facts) -> list[DataUse]:
    names = {JSON_KEYS.get(item.name, item.name) for item in fields(RunRecord)}
    run = RunRecord.from_json({key: value for key, value in record.items() if key in names})
    return run.list_data_uses()


def _before(record: Facts) -> str:
    earlier = {use.data_sha256 for use in _list_data_uses(record)} - {record["data_sha256"]}
    if not earlier:
        return ""
    named = ", ".join(
        f"FER2013 (sha256 `{each}`)" if each == FER2013_SHA256 else f"sha256 `{each}`"
        for each in sorted(earlier)
    )
    return f"\nThe weights that it started from, or its teachers, learned from {named}."


FER2013_WORDS = {
    "rights": """\
The rights in the photographs behind FER2013 are unclear
(see below), which anyone who redistributes the weights should know.""",
    "faces": """\
See the [data sheet](DATA_SHEET.md). FER2013 (Goodfellow et al. 2013): 48x48 grey faces found by
web search in 2013, released for a competition; nobody in them was asked, and no licence for the
photographs is known. FER+ (Barsoum et al. 2016, MIT): ten annotators' votes for each. """,
    "hold_for": """\
The figures hold for FER2013-like pictures; nothing here says how the model does in a classroom. The
commands want the data in a folder that `FER_DATA` names (docs/researcher/training.md).""",
    "limits_of": "",
}
FER2013_OFFICIAL = {
    "test_part": "PublicTest",
    "parts": """\
Trained on
{train} faces of Training (one of each group of identical images, none that PublicTest also holds,
none that most annotators called no face), chosen on {validation} other faces of Training.
PublicTest was never trained or chosen on; it was looked at after each release.""",
}
FER2013_STUDY = {
    "test_part": "the study split's test part",
    "parts": """\
Trained on
{train} faces of Training and PublicTest (70 % of all distinct faces, drawn by their labels),
chosen on {validation} others (15 %). The figures are of the rest, which was never trained or
chosen on. Faces of PublicTest were trained on: never judge these weights on PublicTest.""",
}
OTHER_WORDS = {
    "rights": """\
Whoever hands the weights on has to know what the people
whose pictures they learned from agreed to, and what is said of those that they started from.""",
    "faces": """\
See the [data sheet](DATA_SHEET.md). The faces were given by whoever trained this network; who they
show, who labelled them and who agreed to what is for them to keep beside this card. """,
    "hold_for": """\
The figures hold for pictures like those that were given. The commands want the same faces, given as
they were for training (`--data` with `--people`, say).""",
    "limits_of": """\
- The rest of this list is of FER2013, from which our released weights learned. Of the faces that
  were given here, no more is known than stands above.
""",
}
OTHER_OFFICIAL = {
    "test_part": "faces kept for testing",
    "parts": """\
Trained
on {train} faces, chosen on {validation} others; those given for testing were never trained or
chosen on.""",
}
OTHER_STUDY = {
    "test_part": "faces held back",
    "parts": """\
Trained
on {train} faces, chosen on {validation} others; the rest was held back, and the figures are of
those.""",
}
