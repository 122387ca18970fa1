"""Checkpoint averaging: the greedy selection, what it refuses, and its record."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

# ruff: noqa: E402 - without torch the imports below cannot be made
torch = pytest.importorskip("torch", reason="torch is not installed: training is not tested")

from inference.training.data.dataset import FaceDataset
from inference.training.errors import TrainingRefused
from inference.training.evaluate.evaluation import load_run
from inference.training.records import (
    BEST,
    RUN_RECORD,
    AveragedRun,
    AveragingLoss,
    load_run_record,
)
from inference.training.report.lineage import summarize_training
from inference.training.settings import Settings
from inference.training.train.checkpoint_averaging import average_checkpoints, average_states
from inference.training.train.state import CHECKPOINT
from inference.training.train.training import train

TINY = Settings(
    "mobilenet_v3_small", stages=[(32, 4)], batch_size=20, processes=1, validation_share=0.2
)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory, synthetic_faces: FaceDataset) -> Path:
    run = tmp_path_factory.mktemp("average") / "trained"
    train(synthetic_faces, TINY, run)
    return run


def off_by(trained: Path, name: str, sign: float, at: Path, head: str = "ferplus") -> Path:
    """A run, one head of which is off by the same noise, one way or the other."""
    run = Path(shutil.copytree(trained, at / name))
    saved = torch.load(run / BEST, weights_only=True)
    weight = saved["state"][f"{head}.weight"]
    noise = torch.randn(weight.shape, generator=torch.Generator().manual_seed(1))
    saved["state"][f"{head}.weight"] = weight + 5 * sign * noise
    torch.save(saved, run / BEST)
    return run


def test_opposite_errors_cancel_in_the_average(
    trained: Path, synthetic_faces: FaceDataset, tmp_path: Path
) -> None:
    runs = [off_by(trained, name, sign, tmp_path) for name, sign in (("up", 1), ("down", -1))]
    record = average_checkpoints(synthetic_faces, runs, tmp_path / "average")
    averaged, _ = load_run(tmp_path / "average")
    plain, _ = load_run(trained)
    assert torch.allclose(averaged.ferplus.weight, plain.ferplus.weight, atol=1e-6)
    assert record.log[-1].loss == pytest.approx(
        json.loads((trained / "run.json").read_text())["log"][-1]["loss"], abs=1e-4
    )
    assert {part.run for part in record.averaged} == {"up", "down"}
    assert record.left_out == []
    loss = record.averaging_loss
    assert loss is not None
    assert set(loss.candidates) == {"up", "down"}
    assert loss.average < min(loss.candidates.values())
    assert load_run_record(tmp_path / "average" / "run.json") == record


def test_a_harmful_candidate_is_left_out_and_no_gain_writes_nothing(
    trained: Path, synthetic_faces: FaceDataset, tmp_path: Path
) -> None:
    runs = [off_by(trained, name, sign, tmp_path) for name, sign in (("up", 1), ("far", 9))]
    with pytest.raises(TrainingRefused, match="than up alone"):
        average_checkpoints(synthetic_faces, runs, tmp_path / "average")
    assert not (tmp_path / "average").exists()
    runs.append(off_by(trained, "down", -1, tmp_path))
    assert average_checkpoints(synthetic_faces, runs, tmp_path / "average").left_out == ["far"]


def test_a_candidate_may_be_selected_repeatedly(
    trained: Path, synthetic_faces: FaceDataset, tmp_path: Path
) -> None:
    runs = [off_by(trained, name, sign, tmp_path) for name, sign in (("up", 1), ("down", -2))]
    record = average_checkpoints(synthetic_faces, runs, tmp_path / "average")
    averaged, _ = load_run(tmp_path / "average")
    plain, _ = load_run(trained)
    assert {part.run: part.weight for part in record.averaged} == {"up": 2, "down": 1}
    assert torch.allclose(averaged.ferplus.weight, plain.ferplus.weight, atol=1e-5)
    assert {str(part) for part in record.averaged} == {"up 2 times", "down"}


def test_the_loss_of_the_fer7_head_counts(
    trained: Path, synthetic_faces: FaceDataset, tmp_path: Path
) -> None:
    runs = [off_by(trained, name, sign, tmp_path, "fer7") for name, sign in (("a", 1), ("b", -1))]
    record = average_checkpoints(synthetic_faces, runs, tmp_path / "average")
    assert {part.run for part in record.averaged} == {"a", "b"}


def test_only_runs_with_the_same_validation_part_are_averaged(
    trained: Path, synthetic_faces: FaceDataset, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    train(synthetic_faces, replace(TINY, stages=[(32, 1)], split="study"), other)
    with pytest.raises(TrainingRefused, match="different networks or splits"):
        average_checkpoints(synthetic_faces, [trained, other], tmp_path / "average")
    with pytest.raises(TrainingRefused, match="on other faces"):
        average_checkpoints(replace(synthetic_faces, sha256="1"), [trained], tmp_path / "average")
    assert (trained / CHECKPOINT).exists()
    with pytest.raises(TrainingRefused, match="contains a run"):
        average_checkpoints(synthetic_faces, [trained], trained)


def test_all_candidates_are_compared_with_one_fer7_weight(
    trained: Path, synthetic_faces: FaceDataset, tmp_path: Path
) -> None:
    runs = [off_by(trained, name, sign, tmp_path) for name, sign in (("up", 1), ("down", -1))]
    again = Path(shutil.copytree(runs[0], tmp_path / "again"))
    record = json.loads((again / "run.json").read_text())
    record["settings"]["fer7_weight"] = 5.0
    (again / "run.json").write_text(json.dumps(record))
    average = average_checkpoints(synthetic_faces, [*runs, again], tmp_path / "average")
    assert average.averaging_loss is not None
    alone = average.averaging_loss.candidates
    assert alone["again"] == alone["up"]


def test_a_training_summary_lists_every_averaged_run_once(
    trained: Path, synthetic_faces: FaceDataset, tmp_path: Path
) -> None:
    runs = []
    for seed in (1, 2):
        run = tmp_path / str(seed)
        train(synthetic_faces, replace(TINY, stages=[(32, 1)], seed=seed), run, str(trained / BEST))
        runs.append(load_run_record(run / RUN_RECORD))
    average = replace(
        runs[0],
        averaged=[AveragedRun(str(n), 1, run) for n, run in enumerate(runs)],
        averaging_loss=AveragingLoss(0.5, {"0": 0.75, "1": 0.625}),
    )
    summary = summarize_training(average, {})
    assert len(summary["runs"]) == 3, "the common ancestor and the two"
    assert summary["averaged"] == ["0", "1"]
    assert summary["average_loss"] == 0.5
    assert summary["best_candidate"] == ("1", 0.625)
    ancestor = runs[0].before
    assert ancestor is not None
    seconds = sum(run.log[-1].seconds for run in (*runs, ancestor))
    assert summary["hours"] == pytest.approx(seconds / 3600)
    after = replace(runs[0], before=average, start="the run average", started_at="later")
    last = summarize_training(after, {})["runs"][-1]
    assert (last["start"], last["start_averaged"]) == ("the run average", ["0", "1"])


def test_counters_are_not_averaged(trained: Path) -> None:
    network, _ = load_run(trained)
    counted = average_states([network, network])
    assert counted["features.0.1.num_batches_tracked"].dtype == torch.int64
