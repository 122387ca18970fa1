from dataclasses import replace

import numpy as np
import pytest

from inference.training.data.dataset import FaceDataset, build_soft_targets, compute_majority_labels
from inference.training.data.splits import (
    Split,
    _split_by_person,
    make_official_split,
    make_study_split,
    validate_split,
)
from inference.training.errors import BadData


def parts(split: Split) -> list[np.ndarray]:
    return [split.train, split.validation, split.test]


def assert_disjoint(numbers: np.ndarray, split: Split) -> None:
    sets = [set(numbers[rows].tolist()) for rows in parts(split)]
    assert not sets[0] & sets[1]
    assert not sets[0] & sets[2]
    assert not sets[1] & sets[2]


def test_the_study_split_holds_every_distinct_face_once(synthetic_faces: FaceDataset) -> None:
    twins = synthetic_faces.group.copy()
    twins[1::2] = twins[::2]
    faces = replace(synthetic_faces, group=twins)
    split = make_study_split(faces)
    assert_disjoint(twins, split)
    assert len(np.concatenate(parts(split))) == len(np.unique(twins))
    assert [len(rows) / 60 for rows in parts(split)] == pytest.approx([0.7, 0.15, 0.15], abs=0.05)


def test_the_seed_draws_the_study_split(synthetic_faces: FaceDataset) -> None:
    assert np.array_equal(
        make_study_split(synthetic_faces, 1).test, make_study_split(synthetic_faces, 1).test
    )
    other = make_study_split(synthetic_faces, 2).test
    assert not np.array_equal(make_study_split(synthetic_faces, 1).test, other)


def test_each_person_is_in_one_part_of_the_study_split(synthetic_faces: FaceDataset) -> None:
    person = (np.arange(120) % 12).astype(np.int32)
    split = make_study_split(replace(synthetic_faces, person=person))
    assert_disjoint(person, split)
    assert len(np.concatenate(parts(split))) == 120
    with pytest.raises(BadData, match="2 people are too few"):
        make_study_split(replace(synthetic_faces, person=person % 2))


def test_people_added_later_do_not_move_others() -> None:
    before: list[set[int]] = [set(), set(), set()]
    for count in range(3, 60):
        person = np.arange(count, dtype=np.int32)
        split = _split_by_person(np.arange(count), person, seed=0)
        now = [set(rows.tolist()) for rows in parts(split)]
        assert sorted(now[0] | now[1] | now[2]) == list(range(count))
        assert now[1]
        assert now[2]
        assert not before[0] & (now[1] | now[2])
        before = now


def with_twins(faces: FaceDataset) -> FaceDataset:
    """Rows 0 and 1 are one picture, and 2 and 3; 4 is in PublicTest too, and 5 in PrivateTest."""
    group, split = faces.group.copy(), faces.split.copy()
    split[-5:] = 2
    for row, twin in ((1, 0), (3, 2), (100, 4), (101, 4), (119, 5)):
        group[row] = group[twin]
    return replace(faces, group=group, split=split)


def test_the_official_split_leaks_no_duplicate(synthetic_faces: FaceDataset) -> None:
    faces = with_twins(synthetic_faces)
    for seed in range(5):
        split = make_official_split(faces, seed, 0.3)
        assert_disjoint(faces.group, split)
        learned = np.concatenate([split.train, split.validation])
        assert sorted(learned) == [0, 2, *range(6, 100)]
        assert split.test.tolist() == list(range(100, 115))


def test_each_person_is_in_one_part_of_the_official_split(synthetic_faces: FaceDataset) -> None:
    person = (np.arange(120) % 30).astype(np.int32)
    person[100:] = np.arange(20) % 5
    split = make_official_split(replace(synthetic_faces, person=person), 0, 0.2)
    assert_disjoint(person, split)
    assert set(person[split.test]) == set(range(5))
    assert set(person[np.concatenate([split.train, split.validation])]) == set(range(5, 30))
    everybody = replace(synthetic_faces, person=np.zeros(120, np.int32))
    with pytest.raises(BadData, match="in the train part"):
        validate_split(make_official_split(everybody), everybody)


def test_without_a_public_test_there_is_no_official_split(synthetic_faces: FaceDataset) -> None:
    with pytest.raises(BadData, match="--split study"):
        make_official_split(replace(synthetic_faces, split=np.zeros(120, np.int8)))


def test_a_part_without_majority_labels_is_refused(synthetic_faces: FaceDataset) -> None:
    split = make_study_split(synthetic_faces)
    none = split.test[:0]
    with pytest.raises(BadData, match="in the test part"):
        validate_split(replace(split, test=none), synthetic_faces)


def test_the_study_split_of_the_real_faces_leaks_nothing(real_faces: FaceDataset) -> None:
    split = make_study_split(real_faces)
    assert_disjoint(real_faces.group, split)
    assert_disjoint(np.unique(real_faces.images, axis=0, return_inverse=True)[1].ravel(), split)
    faces = len(np.unique(real_faces.group[build_soft_targets(real_faces).is_face]))
    shares = [len(rows) / faces for rows in parts(split)]
    assert shares == pytest.approx([0.70, 0.15, 0.15], abs=0.005)
    everyone = np.concatenate(parts(split))
    for labels in (compute_majority_labels(real_faces.votes), real_faces.labels):
        whole = np.bincount(labels[everyone]) / len(everyone)
        test = np.bincount(labels[split.test], minlength=len(whole)) / len(split.test)
        assert test == pytest.approx(whole, abs=0.002)
