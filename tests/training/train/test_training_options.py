"""Distillation, augmentation, SAM, early stopping, and errors that end a run."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

# ruff: noqa: E402 - without torch the imports below cannot be made
torch = pytest.importorskip("torch", reason="torch is not installed: training is not tested")

from torch import Tensor, nn

from inference.training.data.augment import LOW_AUGMENTATION_STRENGTH
from inference.training.data.batches import (
    Batch,
    BatchPlan,
    iterate_plain_batches,
    iterate_training_batches,
)
from inference.training.data.dataset import FaceDataset, build_soft_targets
from inference.training.data.splits import make_official_split
from inference.training.errors import (
    BadData,
    CheckpointSaveError,
    NonFiniteLossError,
    WrongCheckpoint,
)
from inference.training.evaluate.evaluation import load_run
from inference.training.records import BEST, RUN_RECORD, Teacher
from inference.training.settings import Settings
from inference.training.train.live_teachers import load_teachers, mix_live_targets
from inference.training.train.sharpness import compute_sam_gradients
from inference.training.train.state import (
    CHECKPOINT,
    build_initial_state,
    save_atomically,
    save_best_weights,
)
from inference.training.train.steps import build_batch_plan
from inference.training.train.teachers import (
    FixedTeachers,
    LiveTeachers,
    balance_targets,
    mix_teacher_targets,
    predict_with_teachers,
    read_teacher_scores,
    write_teacher_scores,
)
from inference.training.train.training import should_stop_early, train

# The smallest of the four, so that these tests cost little.
TINY = Settings(
    "mobilenet_v3_small", stages=[(32, 2)], batch_size=20, processes=1, validation_share=0.2
)


def scores(faces: FaceDataset) -> FixedTeachers:
    count = len(faces.images)
    eight, seven = np.full((count, 8), 1 / 8), np.full((count, 7), 1 / 7)
    return FixedTeachers(eight.astype(np.float32), seven.astype(np.float32), [Teacher("wise")])


def test_teachers_are_mixed_with_the_votes(synthetic_faces: FaceDataset) -> None:
    plain = build_soft_targets(synthetic_faces)
    mixed = mix_teacher_targets(plain, scores(synthetic_faces), 0.25)
    assert mixed.ferplus == pytest.approx(0.75 * plain.ferplus + 0.25 / 8)
    assert mixed.ferplus.sum(axis=1) == pytest.approx(1)
    unlabelled = replace(plain, fer7=np.zeros_like(plain.fer7))
    assert not mix_teacher_targets(unlabelled, scores(synthetic_faces), 0.25).fer7.any()


def test_a_student_is_trained_on_teacher_scores(
    synthetic_faces: FaceDataset, tmp_path: Path
) -> None:
    teacher, student = tmp_path / "teacher", tmp_path / "student"
    train(synthetic_faces, TINY, teacher)
    said = predict_with_teachers(synthetic_faces, [teacher])
    assert said.ferplus.sum(axis=1) == pytest.approx(1, abs=1e-4)
    mirrored = replace(synthetic_faces, images=synthetic_faces.images[:, :, ::-1].copy())
    assert predict_with_teachers(mirrored, [teacher]).ferplus == pytest.approx(
        said.ferplus, abs=1e-4
    )
    write_teacher_scores(said, synthetic_faces, tmp_path / "said.npz")
    again = read_teacher_scores(tmp_path / "said.npz", synthetic_faces)
    log = train(synthetic_faces, replace(TINY, teacher_share=1.0), student, teachers=again)
    first = json.loads((teacher / "run.json").read_text())["log"]
    assert log[0].train_loss != first[0]["train_loss"]
    assert json.loads((student / "run.json").read_text())["teachers"] == [{"run": "teacher"}]
    with pytest.raises(BadData, match="made from other faces"):
        read_teacher_scores(tmp_path / "said.npz", replace(synthetic_faces, sha256="1"))
    with pytest.raises(BadData, match=r"a teacher \(teacher\) was trained on .* another split"):
        train(synthetic_faces, replace(TINY, split="study"), tmp_path / "leaky", teachers=again)


def test_live_teachers_predict_the_augmented_batch(
    synthetic_faces: FaceDataset, tmp_path: Path
) -> None:
    teacher, student = tmp_path / "teacher", tmp_path / "student"
    train(synthetic_faces, TINY, teacher)
    opened = load_teachers([teacher])
    view = next(iterate_plain_batches(synthetic_faces, np.arange(6), 32))
    votes = torch.eye(8)[torch.zeros(6, dtype=torch.long)]
    labelled = torch.eye(7)[torch.zeros(6, dtype=torch.long)]
    labelled[0] = 0
    batch = Batch(view, votes, torch.ones(6), labelled)
    wanted = [logits.softmax(dim=1) for logits in opened[0][0](resized(view, opened[0][1]))]
    mixed = mix_live_targets(batch, opened, 0.25)
    assert torch.allclose(mixed.ferplus, 0.75 * votes + 0.25 * wanted[0], atol=1e-5)
    assert torch.allclose(mixed.fer7[1:], 0.75 * labelled[1:] + 0.25 * wanted[1][1:], atol=1e-5)
    assert not mixed.fer7[0].any(), "no label, nothing to learn"
    live_teachers = LiveTeachers((teacher,))
    log = train(synthetic_faces, replace(TINY, teacher_share=1.0), student, teachers=live_teachers)
    first = json.loads((teacher / "run.json").read_text())["log"]
    assert log[0].train_loss != first[0]["train_loss"]
    record = json.loads((student / "run.json").read_text())
    assert record["teachers"] == [{"run": "teacher", "live": True}]
    with pytest.raises(BadData, match=r"a teacher \(teacher\) was trained on .* another split"):
        train(
            synthetic_faces,
            replace(TINY, split="study"),
            tmp_path / "leaky",
            teachers=live_teachers,
        )
    with pytest.raises(WrongCheckpoint, match=r"best\.pt is missing"):
        train(
            synthetic_faces,
            replace(TINY, teacher_share=1.0),
            tmp_path / "alone",
            teachers=LiveTeachers((tmp_path / "nobody",)),
        )


def resized(view: Tensor, side: int) -> Tensor:
    return nn.functional.interpolate(view, (side, side), mode="bilinear")


def test_malformed_teacher_scores_are_refused(synthetic_faces: FaceDataset, tmp_path: Path) -> None:
    path = tmp_path / "said.npz"
    write_teacher_scores(scores(synthetic_faces), synthetic_faces, path)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(BadData, match="not a complete npz"):
        read_teacher_scores(path, synthetic_faces)
    narrow = scores(synthetic_faces)
    write_teacher_scores(replace(narrow, ferplus=narrow.fer7), synthetic_faces, path)
    with pytest.raises(BadData, match=r"ferplus must be \[120, 8\]"):
        read_teacher_scores(path, synthetic_faces)


def test_balancing_keeps_the_mean_weight(synthetic_faces: FaceDataset) -> None:
    rows = np.concatenate([np.arange(0, 120, 4), np.arange(1, 40, 4)])  # 30 of one, 10 of another
    plain = build_soft_targets(synthetic_faces)
    assert np.array_equal(
        balance_targets(plain, synthetic_faces, rows, 0.0).ferplus_weight, plain.ferplus_weight
    )
    weight = balance_targets(plain, synthetic_faces, rows, 1.0).ferplus_weight[rows]
    assert weight[-1] == pytest.approx(3 * weight[0])
    assert weight.mean() == pytest.approx(plain.ferplus_weight[rows].mean())


def test_the_last_epochs_have_low_augmentation(synthetic_faces: FaceDataset) -> None:
    settings = replace(TINY, stages=[(48, 3)], low_augmentation_epochs=1)
    strengths = [build_batch_plan(settings, epoch, 0).strength for epoch in range(3)]
    assert strengths == [1.0, 1.0, LOW_AUGMENTATION_STRENGTH]
    targets = build_soft_targets(synthetic_faces)
    rows = make_official_split(synthetic_faces, 0, 0.2).train
    plan = build_batch_plan(settings, 1, 0)
    strong, weak = (
        next(iterate_training_batches((synthetic_faces.images,), targets, rows, p)).grey
        for p in (plan, replace(plan, strength=LOW_AUGMENTATION_STRENGTH))
    )
    assert not torch.equal(strong, weak)


@pytest.mark.parametrize("share", [{"mixup_share": 1.0}, {"cutmix_share": 1.0}])
def test_mixup_and_cutmix_blend_faces_and_targets(
    synthetic_faces: FaceDataset, share: dict[str, Any]
) -> None:
    targets = build_soft_targets(synthetic_faces)
    rows = make_official_split(synthetic_faces, 0, 0.2).train
    plain = BatchPlan(side=48, size=20, seed=0, epoch=0)
    plan = replace(plain, **share)
    blended, untouched = (
        next(iterate_training_batches((synthetic_faces.images,), targets, rows, p))
        for p in (plan, plain)
    )
    assert torch.allclose(blended.ferplus.sum(dim=1), torch.ones(20), atol=1e-5)
    assert not torch.equal(blended.ferplus, untouched.ferplus)
    assert not torch.equal(blended.grey, untouched.grey)
    assert 0 <= float(blended.grey.min()) <= float(blended.grey.max()) <= 1


def test_sam_takes_the_gradient_uphill_and_restores_the_weights() -> None:
    layer = nn.Linear(1, 1, bias=False)
    with torch.no_grad():
        layer.weight.fill_(1.0)
    seen = []

    def backward() -> float:
        seen.append(layer.weight.item())
        loss = (layer.weight**2).sum()
        layer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        return float(loss.item())

    assert compute_sam_gradients(layer, 0.5, backward) == 1.0
    assert seen == pytest.approx([1.0, 1.5])
    assert layer.weight.item() == pytest.approx(1.0)
    assert layer.weight.grad is not None
    assert layer.weight.grad.item() == pytest.approx(3.0), "the gradient is the one uphill"


def test_sam_and_cutmix_train_and_resume_exactly(
    synthetic_faces: FaceDataset, tmp_path: Path
) -> None:
    settings = replace(TINY, sam_radius=0.05, cutmix_share=0.5, balance=0.5)
    train(synthetic_faces, settings, tmp_path / "straight")
    train(synthetic_faces, settings, tmp_path / "resumed", last_epoch=1)
    train(synthetic_faces, settings, tmp_path / "resumed")
    straight, resumed = (
        torch.load(tmp_path / run / CHECKPOINT, weights_only=True)["network"]
        for run in ("straight", "resumed")
    )
    assert all(torch.equal(straight[name], resumed[name]) for name in straight)


def test_early_stopping_ends_a_run(synthetic_faces: FaceDataset, tmp_path: Path) -> None:
    # Nothing can be learned at this rate, so that no epoch after the first is better by chance.
    still = replace(TINY, stages=[(32, 9)], patience=1, learning_rate=0.0, weight_decay=0.0)
    log = train(synthetic_faces, still, tmp_path)
    record = json.loads((tmp_path / "run.json").read_text())
    assert len(log) < 9
    losses = [line["loss"] for line in record["log"]]
    assert losses[-1] >= min(losses[:-1])
    assert (tmp_path / BEST).exists()
    assert len(train(synthetic_faces, still, tmp_path)) == len(log), "and stays ended"


def test_the_stem_stride_is_stored(synthetic_faces: FaceDataset, tmp_path: Path) -> None:
    train(synthetic_faces, replace(TINY, stages=[(32, 1)], stem_stride=1), tmp_path)
    assert load_run(tmp_path)[0].stem_stride == 1


def test_patience_counts_epochs_since_the_best() -> None:
    state = build_initial_state(TINY, "scratch", torch.zeros(2, 1, 32, 32))
    patient = replace(TINY, patience=2)
    assert not should_stop_early(state, patient), "nothing was judged yet"
    state.best_epoch, state.epoch = 3, 5
    assert not should_stop_early(state, patient)
    state.epoch = 6
    assert should_stop_early(state, patient)
    assert not should_stop_early(state, TINY)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_disk_leaves_the_former_checkpoint(tmp_path: Path) -> None:
    path = tmp_path / CHECKPOINT
    save_atomically({"good": torch.ones(3)}, path)
    before = path.read_bytes()
    path.with_suffix(".part").symlink_to("/dev/full")
    with pytest.raises(CheckpointSaveError, match="is the disk full"):
        save_atomically({"more": torch.zeros(100_000)}, path)
    assert path.read_bytes() == before
    assert not path.with_suffix(".part").is_symlink()


def test_another_networks_checkpoint_is_refused(
    synthetic_faces: FaceDataset, tmp_path: Path
) -> None:
    train(synthetic_faces, TINY, tmp_path, last_epoch=1)
    before = (tmp_path / CHECKPOINT).read_bytes()
    with pytest.raises(WrongCheckpoint, match="another network than mobilenet_v2"):
        train(synthetic_faces, replace(TINY, architecture="mobilenet_v2"), tmp_path)
    assert (tmp_path / CHECKPOINT).read_bytes() == before


def test_too_few_faces_for_a_batch_are_refused(
    synthetic_faces: FaceDataset, tmp_path: Path
) -> None:
    with pytest.raises(BadData, match="--batch-size below 128"):
        train(synthetic_faces, replace(TINY, batch_size=128), tmp_path)


def test_an_error_of_a_process_keeps_its_type_and_changes_nothing(
    synthetic_faces: FaceDataset, tmp_path: Path
) -> None:
    train(synthetic_faces, TINY, tmp_path, last_epoch=1)
    before = [(tmp_path / name).read_bytes() for name in (CHECKPOINT, RUN_RECORD)]
    other = replace(TINY, architecture="mobilenet_v3_large", processes=2)
    with pytest.raises(
        WrongCheckpoint, match=r"^[^\n]*another network than mobilenet_v3_large[^\n]*$"
    ):
        train(synthetic_faces, other, tmp_path)
    assert [(tmp_path / name).read_bytes() for name in (CHECKPOINT, RUN_RECORD)] == before


def test_an_unusable_start_leaves_no_record(synthetic_faces: FaceDataset, tmp_path: Path) -> None:
    torch.save({"features.0.0.weight": torch.zeros(24, 3, 3, 3)}, tmp_path / "other.pth")
    with pytest.raises(WrongCheckpoint, match=r"^[^\n]*does not fit[^\n]*$"):
        train(synthetic_faces, TINY, tmp_path / "run", start=str(tmp_path / "other.pth"))
    assert not (tmp_path / "run" / RUN_RECORD).exists()


def test_a_nan_validation_loss_leaves_the_former_checkpoint(
    synthetic_faces: FaceDataset, tmp_path: Path
) -> None:
    # One step an epoch, whose own loss is still a number.
    once = replace(TINY, batch_size=80, stages=[(32, 3)])
    train(synthetic_faces, once, tmp_path, last_epoch=1)
    before = [(tmp_path / name).read_bytes() for name in (CHECKPOINT, BEST)]
    with pytest.raises(NonFiniteLossError, match="validation loss is nan after epoch 1"):
        train(synthetic_faces, replace(once, learning_rate=1e30), tmp_path)
    assert [(tmp_path / name).read_bytes() for name in (CHECKPOINT, BEST)] == before
    assert len(train(synthetic_faces, once, tmp_path, last_epoch=2)) == 2


def test_a_run_resumes_without_its_start(synthetic_faces: FaceDataset, tmp_path: Path) -> None:
    start = tmp_path / "start" / BEST
    start.parent.mkdir()
    state = build_initial_state(TINY, "scratch", torch.zeros(2, 1, 32, 32))
    save_best_weights(state.average, 32, start)
    train(synthetic_faces, TINY, tmp_path, start=str(start), last_epoch=1)
    start.unlink()
    assert len(train(synthetic_faces, TINY, tmp_path, start=str(start))) == TINY.epochs
