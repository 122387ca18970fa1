from dataclasses import replace

import numpy as np
import pytest

from inference.training.errors import BadData
from inference.training.faces import FaceSet, majority, soft_targets
from inference.training.splits import Split, checked_split, official_split, study_split


def parts(split: Split) -> list[np.ndarray]:
    return [split.train, split.validation, split.test]


def assert_disjoint(numbers: np.ndarray, split: Split) -> None:
    sets = [set(numbers[rows].tolist()) for rows in parts(split)]
    assert not sets[0] & sets[1]
    assert not sets[0] & sets[2]
    assert not sets[1] & sets[2]


def test_the_study_split_holds_every_distinct_face_once(synthetic_faces: FaceSet) -> None:
    twins = synthetic_faces.group.copy()
    twins[1::2] = twins[::2]
    faces = replace(synthetic_faces, group=twins)
    split = study_split(faces)
    assert_disjoint(twins, split)
    assert len(np.concatenate(parts(split))) == len(np.unique(twins))
    assert [len(rows) / 60 for rows in parts(split)] == pytest.approx([0.7, 0.15, 0.15], abs=0.05)


def test_the_seed_draws_the_study_split(synthetic_faces: FaceSet) -> None:
    assert np.array_equal(
        study_split(synthetic_faces, 1).test, study_split(synthetic_faces, 1).test
    )
    other = study_split(synthetic_faces, 2).test
    assert not np.array_equal(study_split(synthetic_faces, 1).test, other)


def test_people_stay_on_one_side(synthetic_faces: FaceSet) -> None:
    person = (np.arange(120) % 12).astype(np.int32)
    split = study_split(replace(synthetic_faces, person=person))
    assert_disjoint(person, split)
    assert len(np.concatenate(parts(split))) == 120
    with pytest.raises(BadData, match="2 people are too few"):
        study_split(replace(synthetic_faces, person=person % 2))


def test_without_a_public_test_there_is_no_official_split(synthetic_faces: FaceSet) -> None:
    with pytest.raises(BadData, match="--split study"):
        official_split(replace(synthetic_faces, split=np.zeros(120, np.int8)))


def test_a_part_on_which_nothing_can_be_scored_is_refused(synthetic_faces: FaceSet) -> None:
    split = study_split(synthetic_faces)
    none = split.test[:0]
    with pytest.raises(BadData, match="none is left to test on"):
        checked_split(replace(split, test=none), synthetic_faces)


def test_the_study_split_of_the_real_faces_leaks_nothing(real_faces: FaceSet) -> None:
    split = study_split(real_faces)
    assert_disjoint(real_faces.group, split)
    assert_disjoint(np.unique(real_faces.images, axis=0, return_inverse=True)[1].ravel(), split)
    faces = len(np.unique(real_faces.group[soft_targets(real_faces).is_face]))
    shares = [len(rows) / faces for rows in parts(split)]
    assert shares == pytest.approx([0.70, 0.15, 0.15], abs=0.005)
    everyone = np.concatenate(parts(split))
    for labels in (majority(real_faces.votes), real_faces.labels):
        whole = np.bincount(labels[everyone]) / len(everyone)
        test = np.bincount(labels[split.test], minlength=len(whole)) / len(split.test)
        assert test == pytest.approx(whole, abs=0.002)
