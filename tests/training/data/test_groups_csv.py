"""Accuracy gaps between groups: which faces are evaluated, and which CSV files are refused."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

pytest.importorskip("torch", reason="torch is not installed: training is not tested")

from inference.training.data.dataset import FaceDataset, read_dataset, write_dataset
from inference.training.data.groups_csv import Grouping, read_groups_csv
from inference.training.data.image_folder import read_image_folder
from inference.training.data.splits import make_official_split, make_study_split
from inference.training.errors import BadData
from inference.training.evaluate.fairness import (
    SelectedFaces,
    compute_group_metrics,
    format_group_metrics,
    select_group_faces,
)
from inference.training.evaluate.metrics import Doubles
from inference.training.evaluate.unseen import (
    HELD_OUT,
    OTHER_DATA,
    TEST_PART,
    UnseenFaces,
    find_unseen_faces,
    select_evaluation_split,
)
from inference.training.records import DataUse
from tests.training.conftest import bar_picture

STUDY_RUN: dict[str, Any] = {"split": "study", "split_seed": 3, "validation_share": 0.08}


def grouped(
    accuracies: dict[str, float], each: int
) -> tuple[Grouping, Doubles, np.ndarray, SelectedFaces]:
    names = [name for name in accuracies for _ in range(each)]
    right = [i < share * each for share in accuracies.values() for i in range(each)]
    said = np.where(right, 0, 1)
    grouping = Grouping("age", dict(enumerate(names)))
    chosen = SelectedFaces(np.arange(len(said)), len(said), 0, 0, HELD_OUT)
    return grouping, np.eye(2)[said], np.zeros(len(said), int), chosen


def test_a_real_gap_is_found_with_its_interval() -> None:
    grouping, said, wanted, chosen = grouped({"young": 0.9, "old": 0.6}, 200)
    figures = compute_group_metrics(grouping, said, wanted, chosen)
    assert figures["groups"]["young"]["accuracy"] == 0.9
    assert figures["gap"]["points"] == pytest.approx(0.3)
    low, high = figures["gap"]["interval_95"]
    assert 0.2 < low < 0.3 < high < 0.4
    assert figures["gap"]["chance_of_such_a_gap"] < 0.01
    text = format_group_metrics(grouping, figures)
    assert "gap 0.300" in text
    assert "400 faces in the file, 400 of them evaluated" in text


def test_equal_groups_and_small_groups_have_no_gap() -> None:
    same = compute_group_metrics(*grouped({"a": 0.75, "b": 0.75}, 40))["gap"]
    assert same["points"] == 0
    assert same["chance_of_such_a_gap"] == 1.0
    assert compute_group_metrics(*grouped({"a": 0.9, "b": 0.1}, 9))["gap"] is None


def test_a_small_group_without_errors_has_a_wide_interval() -> None:
    found = compute_group_metrics(*grouped({"a": 1.0, "b": 1.0}, 12))
    assert found["groups"]["a"]["interval_95"][0] < 0.8
    assert found["gap"]["interval_95"][1] > 0.15


def written(path: Path, text: str) -> Path:
    (path / "groups.csv").write_text(text, encoding="utf-8")
    return path / "groups.csv"


def test_file_names_of_a_folder_survive_npz(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for name in ("happy/anna_1.png", "sad/ben_2.png"):
        (tmp_path / "pictures" / name).parent.mkdir(parents=True)
        cv2.imwrite(str(tmp_path / "pictures" / name), bar_picture(0, rng))
    faces = read_image_folder(tmp_path / "pictures")
    write_dataset(faces, tmp_path / "faces.npz")
    again = read_dataset(tmp_path / "faces.npz")
    path = written(tmp_path, "file,age\nben_2.png,old\n")
    for dataset in (faces, again):
        found = read_groups_csv(path, dataset).groupings[0]
        assert dataset.files is not None
        assert dataset.files[next(iter(found.group_by_row))] == "sad/ben_2.png"


def three_pictures(faces: FaceDataset) -> FaceDataset:
    files = np.array(["happy/anna_1.png", "sad/anna_1.png", "sad/jos\u00e9_2.png"])
    return replace(faces, images=faces.images[:3], files=files)


def test_groups_come_from_a_csv_of_rows(synthetic_faces: FaceDataset, tmp_path: Path) -> None:
    text = "row, age ,light,empty,\n0,young,dim,,\n2, old,,\n\n5,  ,,,\n"
    age, light = read_groups_csv(written(tmp_path, text), synthetic_faces).groupings
    assert (age.name, age.group_by_row) == ("age", {0: "young", 2: "old"})
    assert light.group_by_row == {0: "dim"}


def test_an_empty_cell_does_not_affect_other_groupings(
    synthetic_faces: FaceDataset, tmp_path: Path
) -> None:
    found = read_groups_csv(written(tmp_path, "row,age,light\n0,,dim\n"), synthetic_faces)
    assert [grouping.name for grouping in found.groupings] == ["light"]


def test_groups_come_from_a_csv_of_files(synthetic_faces: FaceDataset, tmp_path: Path) -> None:
    text = "file,age\nhappy\\anna_1.png,young\njose\u0301_2.png,old\nsad/gone.png,old\n"
    found = read_groups_csv(written(tmp_path, text), three_pictures(synthetic_faces))
    assert found.groupings[0].group_by_row == {0: "young", 2: "old"}
    assert found.unknown == ["sad/gone.png"]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("number,age\n1,old\n", "needs a column row or file"),
        ("row,file,age\n1,a,old\n", "not both"),
        ("row\n1\n", "at least one column of groups"),
        ("row,age,age\n1,old,new\n", "column age twice"),
        ("row,age\nfirst,old\n", "line 2: row is 'first'"),
        ("row,age\n\u00b2,old\n", "line 2: row is '\u00b2'"),
        ("row,age\n120,old\n", "not a row number from 0 to 119"),
        ("row,age\n1,old\n2,new\n1,new\n", r"line 4: row 1 is already listed .*line 2"),
        ("row,age\n1,old,new\n", "line 2 has more cells"),
        ("row,age\n", "assigns no face"),
        ("row,age\n1,\n", "assigns no face"),
        ("file,age\na.png,old\n", "names files, but"),
    ],
)
def test_a_malformed_groups_csv_is_refused(
    synthetic_faces: FaceDataset, tmp_path: Path, text: str, complaint: str
) -> None:
    with pytest.raises(BadData, match=complaint):
        read_groups_csv(written(tmp_path, text), synthetic_faces)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("file,age\nanna_1.png,old\n", "line 2: 2 pictures have the name anna_1.png"),
        ("file,age\nx.png,old\n", "its 1 pictures are not in the data"),
        ("file,age\n,old\n", "line 2 names no file"),
        ("file,age\nsad/anna_1.png,a\n./sad/anna_1.png,b\n", "is already listed"),
    ],
)
def test_ambiguous_or_unknown_files_are_refused(
    synthetic_faces: FaceDataset, tmp_path: Path, text: str, complaint: str
) -> None:
    with pytest.raises(BadData, match=complaint):
        read_groups_csv(written(tmp_path, text), three_pictures(synthetic_faces))


def test_every_unseen_face_is_evaluated(synthetic_faces: FaceDataset) -> None:
    seen = [DataUse(synthetic_faces.sha256, **STUDY_RUN)]
    group = synthetic_faces.group.copy()
    split = make_study_split(synthetic_faces, 3)
    group[split.test[0]] = group[split.train[0]]
    twin = replace(synthetic_faces, group=group)
    split = make_study_split(twin, 3)
    unseen = find_unseen_faces(seen, twin)
    assert unseen.description == HELD_OUT
    assert not np.isin(unseen.rows, np.concatenate([split.train, split.validation])).any()
    assert not np.isin(group[unseen.rows], group[split.train]).any(), "nor the same picture again"


def test_other_pictures_of_training_people_count_as_seen(synthetic_faces: FaceDataset) -> None:
    faces = replace(synthetic_faces, person=(np.arange(120) % 12).astype(np.int32))
    split = make_study_split(faces, 3)
    rows = find_unseen_faces([DataUse(faces.sha256, **STUDY_RUN)], faces).rows
    assert set(rows) == set(split.test)


def test_other_data_is_evaluated_on_its_test_part_or_whole(synthetic_faces: FaceDataset) -> None:
    seen = [DataUse("another", **STUDY_RUN)]
    tested = find_unseen_faces(seen, synthetic_faces)
    assert (tested.description, len(tested.rows)) == (TEST_PART, 20)
    unparted = replace(synthetic_faces, split=np.zeros(120, np.int8))
    all_of_them = find_unseen_faces(seen, unparted)
    assert (all_of_them.description, len(all_of_them.rows)) == (OTHER_DATA, 120)
    assert len(select_evaluation_split(None, seen, unparted).test) == 120, "a folder needs no test/"


def test_a_network_is_evaluated_on_its_own_split_only(synthetic_faces: FaceDataset) -> None:
    seen = [DataUse(synthetic_faces.sha256, **STUDY_RUN)]
    own = select_evaluation_split(None, seen, synthetic_faces)
    assert set(own.test) == set(make_study_split(synthetic_faces, 3).test)
    with pytest.raises(BadData, match="of the 20 test faces were trained on"):
        select_evaluation_split("official", seen, synthetic_faces)
    other = [DataUse(synthetic_faces.sha256)]
    with pytest.raises(BadData, match="were trained on"):
        select_evaluation_split("study", other, synthetic_faces)
    assert len(select_evaluation_split("official", other, synthetic_faces).test) == 20


def test_excluded_faces_are_counted_and_an_empty_selection_is_refused(
    synthetic_faces: FaceDataset,
) -> None:
    votes = synthetic_faces.votes.copy()
    test = make_official_split(synthetic_faces).test
    votes[test[0]] = 1
    faces = replace(synthetic_faces, votes=votes)
    unseen = UnseenFaces(test, HELD_OUT)
    named = {int(row): "old" for row in [*test[:5], 0, 1]}
    chosen = select_group_faces(Grouping("age", named), unseen, faces)
    assert chosen.rows.tolist() == test[1:5].tolist()
    assert (chosen.in_file, chosen.maybe_trained_on, chosen.not_scored) == (7, 2, 1)
    with pytest.raises(BadData, match="age: 1 faces in the file, 0 of them evaluated"):
        select_group_faces(Grouping("age", {0: "old"}), unseen, faces)
