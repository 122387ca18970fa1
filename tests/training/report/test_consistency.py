"""Cards, records, weights, comparison and plots agree, and `card --check` reports where not."""

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch", reason="torch is not installed: training is not tested")

import onnx

from inference.expressions import WEIGHTS
from inference.training.records import load_release_record, load_run_records
from inference.training.report.consistency import find_inconsistencies
from inference.training.report.lineage import summarize_training
from inference.training.report.model_cards import (
    locate_plots,
    render_cards,
    render_model_card,
    write_cards,
)
from inference.training.report.targets import TARGETS, compare_with_targets

RECORD = "mobilenet_v2.record.json"
RELEASED_RUN, STORED_RUN, TEACHER = "average-kd-votes", "kd-2teachers-14ep", "official-mobilenet_v2"
"""Of the released MobileNetV2: its own run, an earlier one and a teacher."""
Change = Callable[[Any], Any]


def test_the_committed_files_agree() -> None:
    assert find_inconsistencies(WEIGHTS) == []


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """Copy the weights, and the plots and the comparison two folders above them."""
    docs = tmp_path / "docs"
    shutil.copytree(locate_plots(WEIGHTS), docs / "figures", ignore=lambda *_: ["lms"])
    for name in ("comparison.md", "comparison.json"):
        shutil.copy(locate_plots(WEIGHTS).parent / name, docs)
    return Path(shutil.copytree(WEIGHTS, tmp_path / "inference" / "weights"))


def change(path: Path, how: Change) -> None:
    content = json.loads(path.read_text())
    how(content)
    path.write_text(json.dumps(content, indent=2) + "\n")


def test_an_edited_card_is_reported(copied: Path) -> None:
    card = copied / "MODEL_CARD.md"
    card.write_text(card.read_text().replace("0.8", "0.9"))
    assert find_inconsistencies(copied) == ["MODEL_CARD.md is out of date; run the card command"]
    write_cards(copied)
    assert find_inconsistencies(copied) == []


def test_other_weights_than_recorded_are_reported(copied: Path) -> None:
    with (copied / "mobilenet_v2-int8.onnx").open("ab") as file:
        file.write(b"x")
    (copied / "mobilenet_v2.onnx").unlink()
    assert find_inconsistencies(copied) == [
        "mobilenet_v2.onnx is missing",
        "mobilenet_v2-int8.onnx has another sha256 than its record",
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
def test_a_listing_that_differs_from_the_record_is_reported(
    copied: Path, field: str, value: Any
) -> None:
    def edit(listing: Any) -> None:
        listing["models"]["mobilenet_v2"] |= {field: value}

    change(copied / "models.json", edit)
    assert find_inconsistencies(copied) == [
        f"models.json and {RECORD} disagree about mobilenet_v2: {field}"
    ]


def test_files_without_a_record_are_reported(copied: Path) -> None:
    change(copied / "models.json", lambda x: x["models"].update(stranger={}) or x)
    (copied / "stray.onnx").write_bytes(b"")
    (copied / "STRAY.md").write_text("")
    assert find_inconsistencies(copied) == [
        "STRAY.md does not belong to a record; remove it",
        "models.json lists stranger, which no record describes",
        "stray.onnx does not belong to a record; remove it",
    ]


def eight(record: Any) -> Any:
    return record["released"]["mobilenet_v2-int8"]["ferplus"]


def rewrite_cards(copied: Path) -> None:
    """Write the cards for the edited record."""
    write_cards(copied)


@pytest.mark.parametrize(
    ("how", "expected"),
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
def test_contradicting_metrics_are_reported(copied: Path, how: Change, expected: str) -> None:
    change(copied / RECORD, how)
    rewrite_cards(copied)
    errors = [error for error in find_inconsistencies(copied) if "contradicts itself" in error]
    assert len(errors) == 1
    assert errors[0].startswith(f"{RECORD}, mobilenet_v2-int8: ferplus")
    assert expected in errors[0]


def test_an_edited_interval_is_reported(copied: Path) -> None:
    def wider(record: Any) -> None:
        condition = record["released"]["mobilenet_v2-int8"]["robustness"]["accuracy"]["untouched"]
        condition["interval_95"][0] -= 0.1

    change(copied / RECORD, wider)
    assert find_inconsistencies(copied)[0].startswith("MODEL_CARD.md is out of date")
    assert "shows other metrics; run card --figures" in find_inconsistencies(copied)[1]


@pytest.mark.parametrize("field", ["git_revision", "log", "settings"])
def test_an_edited_run_record_is_reported(copied: Path, field: str) -> None:
    def edit(record: Any) -> None:
        if field == "settings":
            record["settings"]["seed"] = 99
        else:
            record[field] = record[field][:-1]

    change(copied / "records" / f"{STORED_RUN}.json", edit)
    rewrite_cards(copied)
    assert f"results.csv and the record of {STORED_RUN} disagree; run keep" in (
        find_inconsistencies(copied)
    )


def test_a_release_record_that_differs_from_its_run_is_reported(copied: Path) -> None:
    run = "records/official-mobilenet_v3_large.json"
    change(copied / run, lambda record: record.update(git_revision="0"))
    rewrite_cards(copied)
    assert f"mobilenet_v3_large.record.json and {run} disagree about git_revision" in (
        find_inconsistencies(copied)
    )


def test_a_release_with_other_accuracy_than_its_run_is_reported(copied: Path) -> None:
    def edit(record: Any) -> None:
        record["one_look"]["fer7"] += 0.01

    change(copied / RECORD, edit)
    rewrite_cards(copied)
    assert f"{RECORD} and records/{RELEASED_RUN}.json disagree about accuracy on fer7" in (
        find_inconsistencies(copied)
    )


def test_a_missing_run_record_is_reported(copied: Path) -> None:
    own = f"records/{RELEASED_RUN}.json"
    (copied / own).unlink()
    (copied / "records" / f"{TEACHER}.json").unlink()
    rewrite_cards(copied)
    errors = find_inconsistencies(copied)
    assert f"{RECORD}: the record of its own run is missing in records/" in errors
    (copied / own).write_text((WEIGHTS / own).read_text())
    assert f"{RECORD}: the record of its teacher {TEACHER} is missing in records/" in (
        find_inconsistencies(copied)
    )


def test_a_run_record_that_another_one_names_may_not_be_missing(copied: Path) -> None:
    (copied / "records" / "official-efficientnet_b0.json").unlink()
    errors = find_inconsistencies(copied)
    assert len(errors) == 1
    assert "official-efficientnet_b0.json is missing" in errors[0]


def test_a_missing_or_other_data_sheet_is_reported(copied: Path) -> None:
    change(copied / "data_sheet.json", lambda sheet: sheet.update(sha256="1"))
    rewrite_cards(copied)
    records = sorted(path.name for path in copied.glob("*.record.json"))
    assert RECORD in records
    assert find_inconsistencies(copied) == [
        f"{name} was trained on other data than that of data_sheet.json" for name in records
    ]
    (copied / "data_sheet.json").unlink()
    assert "data_sheet.json is missing" in find_inconsistencies(copied)


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        (lambda r: r.update(opset=11), "mobilenet_v2.onnx has opset 17, its record 11"),
        (
            lambda r: r["settings"]["stages"][-1].__setitem__(0, 224),
            "mobilenet_v2.onnx has an input side of 96, its record 224",
        ),
    ],
)
def test_another_opset_or_input_size_is_reported(copied: Path, how: Change, expected: str) -> None:
    change(copied / RECORD, how)
    rewrite_cards(copied)
    assert expected in find_inconsistencies(copied)


def test_a_graph_with_another_opset_is_reported(copied: Path) -> None:
    graph = onnx.load(copied / "mobilenet_v2.onnx")
    graph.opset_import[0].version = 11
    onnx.save(graph, copied / "mobilenet_v2.onnx")
    sha256 = hashlib.sha256((copied / "mobilenet_v2.onnx").read_bytes()).hexdigest()
    change(copied / RECORD, lambda r: r["released"]["mobilenet_v2"].update(sha256=sha256) or r)
    assert "mobilenet_v2.onnx has opset 11, its record 17" in find_inconsistencies(copied)


def test_missing_and_other_plots_and_comparisons_are_reported(copied: Path) -> None:
    docs = locate_plots(copied).parent
    (docs / "figures" / "mobilenet_v2-int8-robustness.png").unlink()
    shutil.copy(
        docs / "figures" / "mobilenet_v2-coverage.png",
        docs / "figures" / "mobilenet_v2-int8-coverage.png",
    )
    shutil.copy(docs / "figures" / "mobilenet_v2-coverage.png", docs / "figures/comparison.png")
    page = docs / "comparison.md"
    page.write_text(page.read_text().replace("87.", "97."))
    rewrite_cards(copied)
    assert find_inconsistencies(copied) == [
        "figures/mobilenet_v2-int8-coverage.png shows other metrics; run card --figures",
        "figures/mobilenet_v2-int8-robustness.png is missing; run card --figures",
        "comparison.md is out of date; run compare --measured comparison.json",
        "figures/comparison.png shows other metrics; run compare --figures",
    ]


@pytest.mark.parametrize("broken", [RECORD, "models.json", f"records/{STORED_RUN}.json"])
def test_malformed_json_is_reported(copied: Path, broken: str) -> None:
    (copied / broken).write_text("{")
    assert len(find_inconsistencies(copied)) == 1
    assert f"{copied / broken} cannot be read" in find_inconsistencies(copied)[0]


def test_a_missing_field_is_reported(copied: Path) -> None:
    change(copied / RECORD, lambda record: record.pop("opset"))
    errors = find_inconsistencies(copied)
    assert len(errors) == 1
    assert "opset" in errors[0]


def render_default_card(folder: Path) -> str:
    return render_cards(folder)[folder / "MODEL_CARD.md"]


def find_row(card: str, run: str) -> str:
    return next(line for line in card.splitlines() if line.startswith(f"| {run} |"))


def test_the_card_names_the_teachers_their_initial_weights_and_hours(copied: Path) -> None:
    card = render_default_card(copied)
    row = find_row(card, "official-efficientnet_b0")
    assert "EfficientNet-B0 (Tan and Le 2019)" in row
    assert "EfficientNet-Lite0 (Apache-2.0)" in row
    assert "own training 0.0 more" not in card


def test_the_card_names_teachers_without_a_record() -> None:
    stored = load_run_records(WEIGHTS / "records")
    release = load_release_record(WEIGHTS / RECORD)
    teachers = {run["name"] for run in summarize_training(release, stored)["teachers"]}
    remaining = {name: run for name, run in stored.items() if name not in teachers}
    card = render_model_card(WEIGHTS / RECORD, "mobilenet_v2-int8", remaining, {}, None)
    assert (
        "Teachers without a record here: official-efficientnet_b0, "
        "efficientnet_b0-kd-3teachers-6ep, votes-lowaug-equal-14ep, votes-lowaug-14ep" in card
    )
    assert "own training 0.0 more" in card


def test_the_card_describes_live_teachers_and_mixup(copied: Path) -> None:
    card = render_default_card(copied)
    live = find_row(card, "kd-live-mixup50-3ep")
    assert (
        "distillation from kd-2teachers-14ep, efficientnet_b0-kd-3teachers-6ep, 60 % of the "
        "targets, evaluated on every augmented batch; mixup in 50 % of the batches" in live
    )
    student = find_row(card, "kd-2teachers-14ep")
    assert "every augmented batch" not in student
    assert "mixup in" not in student
    votes = find_row(card, "votes-lowaug-24ep")
    assert (
        "the run average-kd (average of kd-2teachers-14ep 3 times, kd-live-mixup50-3ep 2 times, "
        "kd-live-mixup50-12ep)" in votes
    )
    assert "no mixup; FER2013 loss weight 0.7 (FER+: 1)" in votes


def test_targets_are_compared_with_the_record() -> None:
    record = load_release_record(WEIGHTS / RECORD)
    for metrics in record.released.values():
        metrics["ferplus"] |= {"accuracy": 0.88, "ece": 0.031}
    record.released["mobilenet_v2-int8"]["against_fp32"] = {
        "ferplus": {"accuracy_lost": 0.005, "interval_95": [0.001, 0.009]}
    }
    rows = {row["target"].title: row["achieved"] for row in compare_with_targets(record)}
    assert list(rows) == [target.title for target in TARGETS]

    def list_verdicts(part: str) -> list[str]:
        achieved = next(cells for metric, cells in rows.items() if part in metric)
        return [cell["verdict"] for cell in achieved]

    assert list_verdicts("8 classes") == ["floor met"] * 2
    assert list_verdicts("calibration") == ["**floor missed**"] * 2
    fp32, int8 = rows["int8 accuracy loss against fp32, points"]
    assert fp32 is None
    assert int8 == {"value": 0.005, "interval": [0.001, 0.009], "verdict": "floor met"}
    record.released["mobilenet_v2"]["ferplus"]["faces"] = 100
    assert compare_with_targets(record) == [], "another test set: the targets do not apply"


def test_the_card_shows_every_interval_of_the_record(copied: Path) -> None:
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
    card = render_default_card(copied)
    chance = next(line for line in card.splitlines() if "perfectly calibrated" in line)
    assert chance.endswith("| 0.013 [0.007, 0.020] | 0.013 [0.007, 0.020] |")
    assert "[0.950, 0.970]" in card
    assert "[0.970, 0.990]" in card
    assert "[0.151, 0.620]" in card
    assert "| 0.6: 0.872 [0.851, 0.890] |" in card
    assert "bootstrap over 1000 resamples" in card
    assert "evaluate --model mobilenet_v2-int8 --robustness --faces-corrupted 1200" in card
