"""A lost run is restored from the released weights, and from no others."""

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch", reason="torch is not installed: training is not tested")

import torch

from inference.training.errors import TrainingRefused
from inference.training.evaluate.evaluation import load_run
from inference.training.json_files import write_json
from inference.training.networks.registry import ExpressionNetwork
from inference.training.networks.safetensors_export import save_trainable_weights
from inference.training.records import RunRecord, load_finished_run
from inference.training.release.restore import is_released, restore_run
from tests.training.factories import build_record

RECORD = build_record()
RELEASE: dict[str, Any] = {"opset": 17, "calibration_faces": 1, "rows": {}, "released": {}}


@pytest.fixture
def network(tmp_path: Path) -> ExpressionNetwork:
    """Released in `tmp_path`, where the record of the run `first` is kept too."""
    torch.manual_seed(0)
    network = ExpressionNetwork("mobilenet_v2", stem_stride=1)
    save_trainable_weights(network, 48, tmp_path)
    write_json(tmp_path / "mobilenet_v2.record.json", {**RECORD, **RELEASE})
    write_json(tmp_path / "first.json", {**RECORD, "name": "first", "evaluation": {"seen": 1}})
    return network


def test_weights_record_and_metrics_are_restored(
    tmp_path: Path, network: ExpressionNetwork
) -> None:
    run = tmp_path / "runs" / "first"
    restore_run(run, tmp_path, tmp_path)
    found, side = load_run(run)
    assert (side, found.stem_stride) == (48, 1)
    for name, tensor in network.state_dict().items():
        assert torch.allclose(found.state_dict()[name].float(), tensor.float(), atol=1e-3), name
    stored = load_finished_run(run)
    assert stored.evaluation == {"seen": 1}
    assert stored.restored_from == "released weights, fp16"
    with pytest.raises(TrainingRefused, match="exists already"):
        restore_run(run, tmp_path, tmp_path)


def test_weights_of_another_run_are_refused(tmp_path: Path, network: ExpressionNetwork) -> None:
    other = {**RECORD, "started_at": "2026-01-02T00:00:00+00:00"}
    write_json(tmp_path / "other.json", other)
    assert not is_released(RunRecord.from_json(other), tmp_path)
    with pytest.raises(TrainingRefused, match="are not those of other"):
        restore_run(tmp_path / "runs" / "other", tmp_path, tmp_path)
    with pytest.raises(TrainingRefused, match="no record of a run called nobody"):
        restore_run(tmp_path / "runs" / "nobody", tmp_path, tmp_path)
    assert not (tmp_path / "runs").exists()


def test_a_run_is_found_by_its_former_name(tmp_path: Path, network: ExpressionNetwork) -> None:
    (tmp_path / "first.json").rename(tmp_path / "kd-2teachers-14ep.json")
    restore_run(tmp_path / "runs" / "student", tmp_path, tmp_path)
    assert load_run(tmp_path / "runs" / "student")[1] == 48
