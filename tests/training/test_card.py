"""Cards, records, weights, comparison and drawings agree, and the check notices where not."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch", reason="torch is not installed: training is not tested")

import onnx

from inference.expressions import WEIGHTS
from inference.training.release.release import compute_sha256
from inference.training.report.card import cards, drawings_folder, write_cards
from inference.training.report.card_check import card_faults
from inference.training.report.goals import GOALS, goals_text

RECORD = "mobilenet_v2.record.json"
RELEASED_RUN = "third-soup"
"""whose weights ship: its record is beside the others in `records/`"""
Change = Callable[[Any], Any]


def test_what_is_committed_agrees() -> None:
    assert card_faults(WEIGHTS) == []


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """The weights, and two folders above them the drawings and the comparison."""
    docs = tmp_path / "docs"
    shutil.copytree(drawings_folder(WEIGHTS), docs / "figures", ignore=lambda *_: ["lms"])
    for name in ("comparison.md", "comparison.json"):
        shutil.copy(drawings_folder(WEIGHTS).parent / name, docs)
    return Path(shutil.copytree(WEIGHTS, tmp_path / "inference" / "weights"))


def change(path: Path, how: Change) -> None:
    content = json.loads(path.read_text())
    how(content)
    path.write_text(json.dumps(content, indent=2) + "\n")


def test_a_card_that_was_edited_is_noticed(copied: Path) -> None:
    card = copied / "MODEL_CARD.md"
    card.write_text(card.read_text().replace("0.8", "0.9"))
    assert card_faults(copied) == [
        "MODEL_CARD.md is not what its record says; run the card command"
    ]
    write_cards(copied)
    assert card_faults(copied) == []


def test_other_weights_than_the_records_are_noticed(copied: Path) -> None:
    with (copied / "mobilenet_v2-int8.onnx").open("ab") as file:
        file.write(b"x")
    (copied / "mobilenet_v2.onnx").unlink()
    assert card_faults(copied) == [
        "mobilenet_v2.onnx is missing",
        "mobilenet_v2-int8.onnx is not the file that the record tells of",
    ]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("sha256", "0" * 64),
        ("file", None),
        ("side", 64),
        ("temperature", {"expressions": 9.9, "fer7": 1}),
        ("licence", "none"),
    ],
)
def test_a_listing_that_says_otherwise_is_noticed(copied: Path, field: str, value: Any) -> None:
    def edited(listing: Any) -> None:
        listing["models"]["mobilenet_v2"] |= {field: value}

    change(copied / "models.json", edited)
    assert card_faults(copied) == [f"models.json and {RECORD} disagree about mobilenet_v2: {field}"]


def test_strangers_are_noticed(copied: Path) -> None:
    change(copied / "models.json", lambda x: x["models"].update(stranger={}) or x)
    (copied / "stray.onnx").write_bytes(b"")
    (copied / "STRAY.md").write_text("")
    assert card_faults(copied) == [
        "STRAY.md is nobody's: no record calls for it",
        "stranger is listed, but no record tells of it",
        "stray.onnx is nobody's: no record tells of it",
    ]


def eight(record: Any) -> Any:
    return record["released"]["mobilenet_v2-int8"]["ferplus"]


def seal(copied: Path) -> None:
    """Whoever edits a record may write the cards anew."""
    write_cards(copied)


@pytest.mark.parametrize(
    ("how", "said"),
    [
        (lambda r: eight(r).update(accuracy=0.99), "accuracy"),
        (lambda r: eight(r)["confusion"][0].__setitem__(1, 139), "faces"),
        (lambda r: eight(r)["classes"]["fear"].update(recall=0.9), "fear"),
        (lambda r: eight(r)["risk_coverage"][9].update(accuracy=0.9991), "risk_coverage"),
        (lambda r: eight(r)["reliability"][3].update(accuracy=0.9), "reliability"),
        (lambda r: eight(r).update(accuracy_where_8_of_10_agree=0.98), "accuracy_where_8_of_10"),
        (lambda r: eight(r)["interval_95"].update(accuracy=[0.9, 0.95]), "interval of accuracy"),
    ],
)
def test_figures_that_contradict_each_other_are_noticed(
    copied: Path, how: Change, said: str
) -> None:
    change(copied / RECORD, how)
    seal(copied)
    faults = [fault for fault in card_faults(copied) if "contradicts itself" in fault]
    assert len(faults) == 1
    assert faults[0].startswith(f"{RECORD}, mobilenet_v2-int8: ferplus")
    assert said in faults[0]


def test_an_interval_that_was_edited_is_noticed_without_the_data(copied: Path) -> None:
    def wider(record: Any) -> None:
        condition = record["released"]["mobilenet_v2-int8"]["robustness"]["accuracy"]["untouched"]
        condition["interval_95"][0] -= 0.1

    change(copied / RECORD, wider)
    assert card_faults(copied)[0].startswith("MODEL_CARD.md is not what its record says")
    assert "shows other figures; run card --figures" in card_faults(copied)[1]


@pytest.mark.parametrize("field", ["git_revision", "log", "settings"])
def test_a_record_of_a_run_that_was_edited_is_noticed(copied: Path, field: str) -> None:
    def edited(record: Any) -> None:
        if field == "settings":
            record["settings"]["seed"] = 99
        else:
            record[field] = record[field][:-1]

    change(copied / "records" / "student.json", edited)
    seal(copied)
    faults = card_faults(copied)
    assert f"{RECORD} and records/student.json disagree about {field}" in faults
    if field != "git_revision":  # the comparison does not show that one
        assert "comparison.json tells of student what no record does" in faults


def test_a_release_of_other_weights_than_its_run_is_noticed_by_one_look(copied: Path) -> None:
    def other(record: Any) -> None:
        record["one_look"]["fer7"] += 0.01

    change(copied / RECORD, other)
    seal(copied)
    assert f"{RECORD} and records/{RELEASED_RUN}.json disagree about accuracy on fer7" in (
        card_faults(copied)
    )


def test_a_record_of_a_run_that_is_gone_is_noticed(copied: Path) -> None:
    own = f"records/{RELEASED_RUN}.json"
    (copied / own).unlink()
    (copied / "records" / "official-efficientnet_b0.json").unlink()
    seal(copied)
    faults = card_faults(copied)
    assert f"{RECORD}: no record in records/ is of the run that it tells of" in faults
    assert f"comparison.json tells of {RELEASED_RUN} what no record does" in faults
    (copied / own).write_text((WEIGHTS / own).read_text())
    assert (
        f"{RECORD}: no record in records/ is of its teacher official-efficientnet_b0"
        in card_faults(copied)
    )


def test_a_data_sheet_that_is_gone_or_of_other_data_is_noticed(copied: Path) -> None:
    change(copied / "data_sheet.json", lambda sheet: sheet.update(sha256="1"))
    seal(copied)
    records = sorted(path.name for path in copied.glob("*.record.json"))
    assert RECORD in records
    assert card_faults(copied) == [
        f"{each} tells of other data than data_sheet.json" for each in records
    ]
    (copied / "data_sheet.json").unlink()
    assert "data_sheet.json is missing" in card_faults(copied)


@pytest.mark.parametrize(
    ("how", "said"),
    [
        (lambda r: r.update(opset=11), "mobilenet_v2.onnx is of opset 17, the record says 11"),
        (
            lambda r: r["settings"]["stages"][-1].__setitem__(0, 224),
            "mobilenet_v2.onnx takes 96 pixels, the record says 224",
        ),
    ],
)
def test_another_opset_or_size_than_the_graph_s_is_noticed(
    copied: Path, how: Change, said: str
) -> None:
    change(copied / RECORD, how)
    seal(copied)
    assert said in card_faults(copied)


def test_another_graph_of_the_right_sha256_is_noticed(copied: Path) -> None:
    graph = onnx.load(copied / "mobilenet_v2.onnx")
    graph.opset_import[0].version = 11
    onnx.save(graph, copied / "mobilenet_v2.onnx")
    sha256 = compute_sha256(copied / "mobilenet_v2.onnx")
    change(copied / RECORD, lambda r: r["released"]["mobilenet_v2"].update(sha256=sha256) or r)
    assert "mobilenet_v2.onnx is of opset 11, the record says 17" in card_faults(copied)


def test_drawings_and_the_comparison_are_looked_at_too(copied: Path) -> None:
    docs = drawings_folder(copied).parent
    (docs / "figures" / "mobilenet_v2-int8-robustness.png").unlink()
    shutil.copy(
        docs / "figures" / "mobilenet_v2-coverage.png",
        docs / "figures" / "mobilenet_v2-int8-coverage.png",
    )
    shutil.copy(docs / "figures" / "mobilenet_v2-coverage.png", docs / "figures/comparison.png")
    page = docs / "comparison.md"
    page.write_text(page.read_text().replace("87.", "97."))
    seal(copied)
    assert card_faults(copied) == [
        "figures/mobilenet_v2-int8-coverage.png shows other figures; run card --figures",
        "figures/mobilenet_v2-int8-robustness.png is missing; run card --figures",
        "comparison.md is not what comparison.json says; run compare",
        "figures/comparison.png shows other figures; run compare --figures",
    ]


@pytest.mark.parametrize("broken", [RECORD, "models.json", "records/student.json"])
def test_what_is_no_json_is_said(copied: Path, broken: str) -> None:
    (copied / broken).write_text("{")
    assert len(card_faults(copied)) == 1
    assert card_faults(copied)[0].startswith(f"{Path(broken).name} is no JSON")


def test_what_lacks_a_field_is_said(copied: Path) -> None:
    change(copied / RECORD, lambda record: record.pop("opset"))
    assert card_faults(copied) == [
        "a record, models.json or a data sheet lacks what a card needs (KeyError: 'opset')"
    ]


def card_of(folder: Path) -> str:
    return cards(folder)[folder / "MODEL_CARD.md"]


def test_the_card_names_the_teacher_its_start_and_its_time(copied: Path) -> None:
    with_teacher = card_of(copied)
    assert (
        "**teacher: official-efficientnet_b0, EfficientNet-B0 (Tan and Le 2019)**" in with_teacher
    )
    assert "EfficientNet-Lite0 (Apache-2.0)" in with_teacher
    assert "0.0 more for the teachers" not in with_teacher
    for taught in re.findall(r"\*\*teacher: (\S+),", with_teacher):
        (copied / "records" / f"{taught}.json").unlink()
    without = card_of(copied)
    assert (
        "teachers without a record here: official-efficientnet_b0, taught-efficientnet_b0,"
        " closer, closer-eight" in without
    )
    assert "0.0 more for the teachers" in without


def test_the_card_says_how_live_teachers_taught_and_how_much_was_blended(copied: Path) -> None:
    lines = card_of(copied).splitlines()
    blended = next(line for line in lines if line.startswith("- **blended**"))
    assert "student, taught-efficientnet_b0, asked about every view; mixup in a share" in blended
    student = next(line for line in lines if line.startswith("- **student**"))
    assert "asked about every view" not in student
    assert "mixup in a share" not in student
    closer = next(line for line in lines if line.startswith("- **closer-long**"))
    assert "from the run soup (the mean of the weights of student 3 times, blended 2 " in closer
    assert "no mixup; the seven labels' loss weighed 0.7, FER+'s 1" in closer


def test_goals_are_judged_from_the_record() -> None:
    record = json.loads((WEIGHTS / RECORD).read_text())
    for figures in record["released"].values():
        figures["ferplus"] |= {"accuracy": 0.88, "macro_recall": 0.79, "ece": 0.031}
    record["released"]["mobilenet_v2-int8"]["against_fp32"] = {
        "ferplus": {"accuracy_lost": 0.005, "interval_95": [0.001, 0.009]}
    }
    lines = goals_text(record).splitlines()
    assert len([line for line in lines if line.startswith("| ")]) == 1 + len(GOALS)
    assert next(x for x in lines if "8 classes" in x).count("| floor met |") == 2
    assert next(x for x in lines if "macro recall" in x).count("| goal met |") == 2
    assert next(x for x in lines if "calibration" in x).count("| **floor missed** |") == 2
    assert next(x for x in lines if "int8's loss" in x).endswith(
        "| | | 0.50 [0.1, 0.9] | floor met |"
    )
    record["released"]["mobilenet_v2"]["ferplus"]["faces"] = 100
    assert goals_text(record) == "", "a school's own faces: the goals are not about them"


def test_intervals_are_shown_where_the_record_has_them(copied: Path) -> None:
    def more(record: Any) -> None:
        figures = eight(record)
        figures["draws"] = 1000
        figures["ece_if_calibrated"] = {"mean": 0.0129, "interval_95": [0.0075, 0.0201]}
        seven = record["released"]["mobilenet_v2-int8"]["fer7"]
        seven["ece_if_calibrated"] = figures["ece_if_calibrated"]
        figures["interval_95"]["accuracy_where_8_of_10_agree"] = [0.95, 0.97]
        figures["by_agreement"]["10"]["interval_95"] = [0.97, 0.99]
        figures["classes"]["contempt"]["interval_95"] = {
            "precision": None,
            "recall": [0.151, 0.62],
            "f1": [0.2, 0.7],
        }
        robustness = record["released"]["mobilenet_v2-int8"]["robustness"]["accuracy"]
        robustness["darker, times"]["0.6"] = {
            "accuracy": 0.8717,
            "interval_95": [0.8508, 0.89],
        }

    change(copied / RECORD, more)
    card = card_of(copied)
    assert "perfect | 0.013 (0.007 to 0.020) |" in card
    assert "(0.950 to 0.970)" in card
    assert "(0.970 to 0.990)" in card
    assert "(0.151 to 0.620)" in card
    assert "| 0.6: 0.872 (0.851 to 0.890) |" in card
    assert "headlines by 1000 redraws" in card
    assert "evaluate --model mobilenet_v2-int8 --robustness --faces-harmed 1200" in card
