"""Results in CSV: nothing is lost on the way, a run stands once, and what is malformed is named."""

import hashlib
import json
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="torch is not installed: training is not tested")

from inference.expressions import WEIGHTS
from inference.training.errors import BadData
from inference.training.records import RunRecord, load_release_records, load_run_records
from inference.training.release.driver import RECORDS
from inference.training.results import (
    EPOCHS_FILE,
    RESULTS_FILE,
    add_result,
    build_result,
    read_results,
    write_results,
)
from tests.training.factories import build_epoch, build_finished_record, build_record

FROZEN_SHA256 = Path(__file__).parent / "released_sha256.json"


def test_a_result_comes_back_as_it_was_written(tmp_path: Path) -> None:
    record = build_finished_record(
        "b",
        start="the run a",
        teachers=[{"run": "a", "live": True}, {"run": "c"}],
        log=[build_epoch(0, 32, loss=2.0), build_epoch(1, loss=0.5), build_epoch(2, loss=0.75)],
        settings={"architecture": "mobilenet_v2", "stages": [[32, 1], [48, 2]], "seed": 3},
    )
    result = build_result(record, parameters=7, formerly="old")
    add_result(tmp_path, result)
    (read,) = read_results(tmp_path)
    assert read == result
    assert (read.from_run, read.teachers) == ("a", ["a (live)", "c"])
    assert read.epochs_by_side == {32: 1, 48: 2}
    assert (read.validation_loss, read.ferplus["accuracy"]) == (0.5, 0.333333)
    assert read.ferplus["interval_95"]["loss"] == (0.123457, 0.75)


def test_a_run_stands_once_and_averages_stand_last(tmp_path: Path) -> None:
    average = build_finished_record(
        "c", soup=[{"run": "a", "portions": 2, "record": build_record()}]
    )
    for record in (
        average,
        build_finished_record("b"),
        build_finished_record("a", started_at="2025"),
        build_finished_record("b"),
    ):
        add_result(tmp_path, build_result(record, parameters=7))
    assert [result.name for result in read_results(tmp_path)] == ["a", "b", "c"]
    assert read_results(tmp_path)[2].averaged == ["a 2 times"]


def test_a_malformed_row_is_named(tmp_path: Path) -> None:
    write_results(tmp_path, [build_result(build_finished_record("a"), parameters=7)])
    path = tmp_path / RESULTS_FILE
    path.write_text(path.read_text().replace("48x1", "48 by 1"))
    with pytest.raises(BadData, match=r"results\.csv, a: "):
        read_results(tmp_path)


def test_a_record_without_metrics_has_no_result() -> None:
    with pytest.raises(BadData, match="record of a has no metrics"):
        build_result(RunRecord.from_json(build_record(name="a")), parameters=7)


def test_every_stored_record_has_its_row_in_the_results() -> None:
    results = {result.name: result for result in read_results(RECORDS)}
    for name, record in load_run_records(RECORDS).items():
        row = results[name]
        assert build_result(record, row.parameters, row.formerly) == row, name
    assert len((RECORDS / EPOCHS_FILE).read_text().splitlines()) == 351


def test_released_files_are_those_of_release_0_1_0() -> None:
    frozen = json.loads(FROZEN_SHA256.read_text())
    found = {
        file: sha256
        for record in load_release_records(WEIGHTS).values()
        for file, sha256 in [
            *((f"{name}.onnx", each["sha256"]) for name, each in record.released.items()),
            *([(record.trainable["file"], record.trainable["sha256"])] if record.trainable else []),
        ]
    }
    assert found == frozen
    for file, sha256 in frozen.items():
        assert hashlib.sha256((WEIGHTS / file).read_bytes()).hexdigest() == sha256
