from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inference.expressions import FER7_LABELS
from inference.results import LABELS
from inference.training.data.data_sheet import compute_data_sheet
from inference.training.data.dataset import (
    PUBLIC_TEST,
    FaceDataset,
    build_soft_targets,
    compute_majority_labels,
    has_majority_label,
    read_dataset,
    write_dataset,
)
from inference.training.data.splits import make_official_split
from inference.training.errors import BadData


def votes(*rows: list[int]) -> np.ndarray:
    return np.array(rows, dtype=np.uint8)


def faces_with(rows: np.ndarray, group: list[int], labels: list[int] | None = None) -> FaceDataset:
    count = len(rows)
    return FaceDataset(
        images=np.zeros((count, 48, 48), np.uint8),
        labels=np.array(labels or [0] * count, np.int8),
        split=np.zeros(count, np.int8),
        votes=rows,
        group=np.array(group, np.int32),
        sha256="",
    )


def test_single_votes_are_dropped_before_the_majority() -> None:
    # 5 of 10 is no majority; without the two single votes it is 5 of 8.
    assert has_majority_label(votes([5, 3, 1, 1, 0, 0, 0, 0, 0, 0])).tolist() == [True]
    assert has_majority_label(votes([5, 3, 2, 0, 0, 0, 0, 0, 0, 0])).tolist() == [False]


def test_a_face_without_majority_has_no_label() -> None:
    assert has_majority_label(votes([3, 0, 0, 0, 0, 0, 0, 0, 7, 0])).tolist() == [False]
    assert has_majority_label(votes([0, 0, 0, 0, 0, 0, 0, 0, 0, 10])).tolist() == [False]


def test_the_label_is_the_most_frequent_expression() -> None:
    rows = votes([2, 0, 0, 0, 8, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 6, 4, 0])
    assert [LABELS[k] for k in compute_majority_labels(rows)] == ["anger", "contempt"]


def test_targets_are_vote_shares_without_single_votes() -> None:
    targets = build_soft_targets(faces_with(votes([6, 3, 1, 0, 0, 0, 0, 0, 0, 0]), [0]))
    assert targets.ferplus[0].tolist() == pytest.approx([2 / 3, 1 / 3, 0, 0, 0, 0, 0, 0])


def test_targets_and_labels_of_identical_images_are_averaged() -> None:
    rows = votes([10, 0, 0, 0, 0, 0, 0, 0, 0, 0], [0, 10, 0, 0, 0, 0, 0, 0, 0, 0])
    targets = build_soft_targets(faces_with(rows, [4, 4], labels=[0, 3]))
    assert targets.ferplus[:, :2].tolist() == [[0.5, 0.5], [0.5, 0.5]]
    assert targets.fer7[0].tolist() == targets.fer7[1].tolist() == [0.5, 0, 0, 0.5, 0, 0, 0]


def test_unknown_votes_lower_the_weight_of_a_face() -> None:
    rows = votes([10, 0, 0, 0, 0, 0, 0, 0, 0, 0], [5, 0, 0, 0, 0, 0, 0, 0, 5, 0])
    assert build_soft_targets(faces_with(rows, [0, 1])).ferplus_weight.tolist() == [1.0, 0.5]


def test_a_majority_of_not_a_face_votes_is_marked() -> None:
    rows = votes([0, 0, 0, 0, 0, 0, 0, 0, 4, 6], [4, 0, 0, 0, 0, 0, 0, 0, 0, 6])
    assert build_soft_targets(faces_with(rows, [0, 1])).is_face.tolist() == [False, False]


def test_scattered_single_votes_still_give_a_distribution() -> None:
    targets = build_soft_targets(faces_with(votes([1, 1, 1, 1, 0, 0, 0, 0, 6, 0]), [0]))
    assert targets.ferplus[0].sum() == pytest.approx(1)


def columns(**changed: np.ndarray) -> dict[str, Any]:
    two = np.zeros(2, np.int32)
    usual: dict[str, Any] = {
        "images": np.zeros((2, 48, 48), np.uint8),
        "labels": two,
        "split": two,
        "ferplus_votes": np.ones((2, 10), np.uint8),
        "duplicate_group": two,
        "class_names": np.array(FER7_LABELS),
        "ferplus_names": np.array([*LABELS, "unknown", "NF"]),
    }
    return usual | changed


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"class_names": np.array(["happy"])}, "class_names must be"),
        ({"ferplus_names": np.array(["happy"] * 8)}, "ferplus_names must start"),
        ({"labels": np.zeros(3, np.int8)}, "of equal length"),
        ({"images": np.zeros((2, 64, 64), np.uint8)}, "48, 48"),
        ({"images": np.array(7, np.uint8)}, "of equal length"),
        ({"ferplus_votes": np.ones((2, 8), np.uint8)}, r"ferplus_votes must be uint8 \[N, 10\]"),
        ({"labels": np.array([0, 9])}, "labels must be between -1 and 6, found 0 to 9"),
        ({"split": np.array([0, 3])}, "split must be between 0 and 2"),
        ({"duplicate_group": np.zeros(2)}, "duplicate_group must be a whole number for each"),
        ({"person": np.zeros(3, np.int32)}, "person must be a whole number for each of 2 faces"),
    ],
)
def test_a_file_with_other_columns_is_refused(
    tmp_path: Path, changed: dict[str, np.ndarray], complaint: str
) -> None:
    np.savez(tmp_path / "faces.npz", **columns(**changed))
    with pytest.raises(BadData, match=complaint):
        read_dataset(tmp_path / "faces.npz")


def test_a_malformed_npz_or_missing_column_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "faces.npz"
    path.write_bytes(b"emotion,pixels")
    with pytest.raises(BadData, match=r"faces\.npz cannot be used"):
        read_dataset(path)
    with path.open("wb") as file:  # one array alone, as numpy.save writes it
        np.save(file, np.zeros(3))
    with pytest.raises(BadData, match="not a complete npz"):
        read_dataset(path)
    left = columns()
    np.savez(path, **left)
    whole = bytearray(path.read_bytes())
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(BadData, match="not a complete npz"):
        read_dataset(path)
    whole[2000] ^= 1
    path.write_bytes(whole)
    with pytest.raises(BadData, match="CRC"):
        read_dataset(path)
    del left["split"]
    np.savez(path, **left)
    with pytest.raises(BadData, match="has no split"):
        read_dataset(path)


def test_a_dataset_survives_a_round_trip(synthetic_faces: FaceDataset, tmp_path: Path) -> None:
    write_dataset(synthetic_faces, tmp_path / "faces.npz")
    read = read_dataset(tmp_path / "faces.npz")
    for name in ("images", "labels", "split", "votes", "group"):
        assert np.array_equal(getattr(read, name), getattr(synthetic_faces, name))


def test_majority_labels_match_the_published_number_of_rows(real_faces: FaceDataset) -> None:
    test = real_faces.split == PUBLIC_TEST
    assert int(has_majority_label(real_faces.votes[test]).sum()) == 3199


@pytest.mark.parametrize("seed", [0, 1])
def test_no_duplicate_group_is_in_two_parts(real_faces: FaceDataset, seed: int) -> None:
    split = make_official_split(real_faces, seed)
    parts = [
        set(real_faces.group[rows].tolist()) for rows in (split.train, split.validation, split.test)
    ]
    assert not parts[0] & parts[1]
    assert not parts[0] & parts[2]
    assert not parts[1] & parts[2]
    assert len(parts[0]) == len(split.train), "training keeps one row a group"


def test_the_test_part_is_all_of_public_test(real_faces: FaceDataset) -> None:
    assert len(make_official_split(real_faces).test) == 3589


def test_every_expression_is_in_validation(real_faces: FaceDataset) -> None:
    validation = make_official_split(real_faces).validation
    assert set(compute_majority_labels(real_faces.votes[validation]).tolist()) == set(
        range(len(LABELS))
    )


def test_the_data_sheet_counts_the_real_faces(real_faces: FaceDataset) -> None:
    sheet = compute_data_sheet(real_faces)
    assert (sheet["training_rows"], sheet["public_test_rows"]) == (28709, 3589)
    assert sheet["training_rows_also_in_test"] == 351
    assert sheet["labels_agree_share"] == pytest.approx(0.63, abs=0.01)
    assert set(sheet["fer7"]) == set(FER7_LABELS)
