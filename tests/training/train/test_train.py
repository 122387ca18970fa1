"""Real training on a hundred synthetic faces: seconds, not hours."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

# ruff: noqa: E402 - without torch the imports below cannot be made
torch = pytest.importorskip("torch", reason="torch is not installed: training is not tested")

from torch import Tensor

from inference.training.data.batches import BatchPlan, iterate_training_batches
from inference.training.data.dataset import FaceDataset, build_soft_targets
from inference.training.data.splits import make_official_split
from inference.training.settings import Settings, compute_one_cycle_factor
from inference.training.train.state import CHECKPOINT
from inference.training.train.training import train

TINY = Settings(stages=[(32, 4), (48, 2)], batch_size=20, processes=1, validation_share=0.2)


@pytest.fixture(scope="module")
def finished(synthetic_faces: FaceDataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = tmp_path_factory.mktemp("finished")
    train(synthetic_faces, TINY, run)
    return run


def tensors(run: Path) -> dict[str, Tensor]:
    saved = torch.load(run / CHECKPOINT, weights_only=True)
    return {**saved["network"], **{f"average.{k}": v for k, v in saved["average"].items()}}


def test_the_loss_falls(finished: Path) -> None:
    losses = [line["train_loss"] for line in json.loads((finished / "run.json").read_text())["log"]]
    assert len(losses) == TINY.epochs
    assert losses[-1] < 0.75 * losses[0]


def test_a_resumed_run_ends_with_the_very_same_weights(
    finished: Path, synthetic_faces: FaceDataset, tmp_path: Path
) -> None:
    train(synthetic_faces, TINY, tmp_path, last_epoch=2)
    log = train(synthetic_faces, TINY, tmp_path)
    assert [line.epoch for line in log] == list(range(TINY.epochs))
    straight, resumed = tensors(finished), tensors(tmp_path)
    assert all(torch.equal(straight[name], resumed[name]) for name in straight)


def test_the_best_weights_are_saved_at_the_last_size_only(finished: Path) -> None:
    saved = torch.load(finished / "best.pt", weights_only=True)
    assert saved["side"] == 48
    assert saved["architecture"] == "mobilenet_v2"


def test_the_record_describes_the_run(finished: Path) -> None:
    record = json.loads((finished / "run.json").read_text())
    assert record["data_sha256"] == "0" * 64
    assert record["settings"]["seed"] == 0
    assert record["start"] == "random weights"
    assert {"git_revision", "machine", "started_at", "torch"} <= set(record)


def test_a_nan_loss_stops_the_run_and_keeps_the_checkpoint(
    synthetic_faces: FaceDataset, tmp_path: Path
) -> None:
    train(synthetic_faces, TINY, tmp_path, last_epoch=1)
    before = (tmp_path / CHECKPOINT).read_bytes()
    broken = replace(TINY, learning_rate=float("inf"))
    with pytest.raises(FloatingPointError, match="step"):
        train(synthetic_faces, broken, tmp_path)
    assert (tmp_path / CHECKPOINT).read_bytes() == before


def test_a_run_can_start_from_another_ones_best_weights(
    finished: Path, synthetic_faces: FaceDataset, tmp_path: Path
) -> None:
    log = train(
        synthetic_faces, replace(TINY, stages=[(48, 1)]), tmp_path, str(finished / "best.pt")
    )
    first = json.loads((finished / "run.json").read_text())
    record = json.loads((tmp_path / "run.json").read_text())
    assert log[0].train_loss < first["log"][0]["train_loss"]
    assert record["before"] == first


def test_changed_settings_of_a_resumed_run_are_recorded(
    synthetic_faces: FaceDataset, tmp_path: Path
) -> None:
    train(synthetic_faces, TINY, tmp_path, last_epoch=1)
    train(synthetic_faces, TINY, tmp_path, last_epoch=1)
    assert "former_settings" not in json.loads((tmp_path / "run.json").read_text())
    train(synthetic_faces, replace(TINY, stages=[(32, 1), (48, 1)]), tmp_path)
    record = json.loads((tmp_path / "run.json").read_text())
    assert record["settings"]["stages"] == [[32, 1], [48, 1]]
    assert record["former_settings"][0]["settings"]["stages"] == [[32, 4], [48, 2]]
    assert record["former_settings"][0]["until_epoch"] == 1
    assert [line["side"] for line in record["log"]] == [32, 48]


def test_aligned_faces_are_used_where_eyes_are_known(
    synthetic_faces: FaceDataset, tmp_path: Path
) -> None:
    eyes = np.full((len(synthetic_faces.images), 2, 2), np.nan, dtype=np.float32)
    eyes[:50] = [[0.3, 0.4], [0.7, 0.4]]
    settings = replace(TINY, stages=[(32, 1)])
    train(synthetic_faces, settings, tmp_path, eyes=eyes)
    train(synthetic_faces, settings, tmp_path / "plain")
    records: list[dict[str, Any]] = [
        json.loads((run / "run.json").read_text()) for run in (tmp_path, tmp_path / "plain")
    ]
    assert [record["aligned_faces"] for record in records] == [50, 0]
    assert records[0]["log"][0]["train_loss"] != records[1]["log"][0]["train_loss"]


def test_two_processes_train_together(synthetic_faces: FaceDataset, tmp_path: Path) -> None:
    settings = replace(TINY, stages=[(32, 1)], processes=2)
    log = train(synthetic_faces, settings, tmp_path)
    assert len(log) == 1
    assert log[0].train_loss > 0


def test_the_processes_share_each_batch_without_overlap(synthetic_faces: FaceDataset) -> None:
    targets = build_soft_targets(synthetic_faces)
    rows = make_official_split(synthetic_faces, 0, 0.2).train
    looks = (synthetic_faces.images,)
    plan = BatchPlan(side=48, size=20, seed=0, epoch=0)
    halves = [
        list(iterate_training_batches(looks, targets, rows, replace(plan, rank=r, processes=2)))
        for r in (0, 1)
    ]
    whole = list(iterate_training_batches(looks, targets, rows, plan))
    for first, second, both in zip(*halves, whole, strict=True):
        assert len(first.grey) == len(second.grey) == 10
        together = torch.cat([first.ferplus, second.ferplus]).sum(dim=0)
        assert torch.allclose(together, both.ferplus.sum(dim=0))


def test_the_learning_rate_rises_and_falls() -> None:
    rates = [compute_one_cycle_factor(step / 100, 0.1) for step in range(101)]
    assert rates[10] == pytest.approx(1)
    assert rates == sorted(rates[:11]) + sorted(rates[11:], reverse=True)
    assert rates[-1] == pytest.approx(0, abs=1e-6)


def test_side_at_follows_the_stages() -> None:
    assert [TINY.get_side(epoch) for epoch in range(6)] == [32] * 4 + [48] * 2
    with pytest.raises(ValueError, match="6"):
        TINY.get_side(6)
