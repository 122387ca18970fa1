"""Reading faces from FER2013's two CSV files and from folders of pictures."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from inference.expressions import FER7_LABELS
from inference.results import LABELS
from inference.training.data.fer2013_csv import VOTE_NAMES, read_fer2013_csv
from inference.training.data.image_folder import read_image_folder
from inference.training.errors import BadData

PIXELS = " ".join(["7"] * 48 * 48)


def write_csv(folder: Path, faces: list[str], votes: list[str]) -> tuple[Path, Path]:
    first, second = folder / "fer2013.csv", folder / "fer2013new.csv"
    first.write_text("\n".join(["emotion,pixels,Usage", *faces]) + "\n")
    second.write_text("\n".join([f"Usage,Image name,{','.join(VOTE_NAMES)}", *votes]) + "\n")
    return first, second


def face(emotion: str = "3", pixels: str = PIXELS, usage: str = "Training") -> str:
    return f"{emotion},{pixels},{usage}"


def vote(usage: str = "Training", happiness: str = "9") -> str:
    return f"{usage},x.png,1,{happiness},0,0,0,0,0,0,0,0"


def test_csv_files_become_faces_with_votes(tmp_path: Path) -> None:
    files = write_csv(
        tmp_path,
        [face(), face("0", PIXELS.replace("7", "8"), "PublicTest"), face()],
        [vote(), vote("PublicTest"), vote()],
    )
    faces = read_fer2013_csv(*files)
    assert faces.images.shape == (3, 48, 48)
    assert faces.images[1].max() == 8
    assert faces.labels.tolist() == [3, 0, 3]
    assert faces.split.tolist() == [0, 1, 0]
    assert faces.votes[0].tolist() == [1, 9, 0, 0, 0, 0, 0, 0, 0, 0]
    assert faces.group[0] == faces.group[2] != faces.group[1]


@pytest.mark.parametrize(
    ("faces", "votes", "complaint"),
    [
        ([face(pixels="1 2 3")], [vote()], r"fer2013\.csv, row 2: 3 pixels, not 2304"),
        ([face(pixels=PIXELS[:-1] + "999")], [vote()], "from 0 to 255"),
        ([face(pixels=PIXELS[:-1] + "\u00b2")], [vote()], "from 0 to 255"),
        ([face("7")], [vote()], "emotion is '7'"),
        ([face("\u00b2")], [vote()], "emotion is '\u00b2'"),
        ([face("9" * 5000)], [vote()], "not a whole number from 0 to 6"),
        ([face(usage="Test")], [vote()], "Usage is 'Test'"),
        ([face()], [vote(happiness="x")], r"fer2013new\.csv, row 2: happiness is 'x'"),
        ([face()], [vote("PublicTest")], "differs from the same row"),
        ([face()], [vote(), vote()], "differs from the same row"),
        ([face(), face()], [vote()], "has 1 rows for 2 faces"),
        ([], [], "has no rows"),
    ],
)
def test_a_malformed_csv_value_is_reported_with_its_row(
    tmp_path: Path, faces: list[str], votes: list[str], complaint: str
) -> None:
    with pytest.raises(BadData, match=complaint):
        read_fer2013_csv(*write_csv(tmp_path, faces, votes))


def test_a_csv_without_columns_or_rows_is_refused(tmp_path: Path) -> None:
    first, second = write_csv(tmp_path, [face()], [vote()])
    second.write_text("a,b\n1,2\n")
    with pytest.raises(BadData, match="has no column Usage"):
        read_fer2013_csv(first, second)
    with pytest.raises(BadData, match="cannot be read"):
        read_fer2013_csv(tmp_path / "nowhere.csv", second)


def write_pictures(folder: Path, count: int = 2, side: int = 48, name: str = "p{}_1.png") -> None:
    folder.mkdir(parents=True)
    for number in range(count):
        picture = np.random.default_rng(number).integers(0, 255, (side, side), np.uint8)
        cv2.imwrite(str(folder / name.format(number)), picture)


def test_a_folder_becomes_faces(tmp_path: Path) -> None:
    write_pictures(tmp_path / "happy")
    write_pictures(tmp_path / "contempt", side=96)
    faces = read_image_folder(tmp_path)
    assert [LABELS[k] for k in faces.votes.argmax(axis=1)] == ["contempt"] * 2 + ["happiness"] * 2
    assert faces.labels.tolist() == [-1, -1, FER7_LABELS.index("happy"), FER7_LABELS.index("happy")]
    assert faces.images.shape == (4, 48, 48)
    assert faces.person is None
    assert set(faces.split.tolist()) == {0}


def test_train_and_test_folders_become_the_official_parts(tmp_path: Path) -> None:
    write_pictures(tmp_path / "train" / "sad")
    write_pictures(tmp_path / "test" / "sad", count=1)
    assert read_image_folder(tmp_path).split.tolist() == [0, 0, 1]


def test_people_are_parsed_from_file_names(tmp_path: Path) -> None:
    write_pictures(tmp_path / "sad", count=3)
    write_pictures(tmp_path / "happy", count=2)
    person = read_image_folder(tmp_path, people=r"^([^_]+)_").person
    assert person is not None
    assert person.tolist() == [*person[2:4], *person[2:]]
    assert len(set(person.tolist())) == 3
    write_pictures(tmp_path / "fear", count=1, name="a{}_1.png")
    again = read_image_folder(tmp_path, people=r"^([^_]+)_").person
    assert again is not None
    assert again.tolist()[1:] == person.tolist(), "people added later change no number"
    with pytest.raises(BadData, match="does not match a0_1"):
        read_image_folder(tmp_path, people=r"^pupil(\d+)")


def test_the_digest_covers_the_people(tmp_path: Path) -> None:
    write_pictures(tmp_path / "sad", count=4)
    patterns = (None, r"^([^_]+)_", r"^(.)")
    assert len({read_image_folder(tmp_path, people=pattern).sha256 for pattern in patterns}) == 3


def test_an_invalid_people_pattern_is_refused(tmp_path: Path) -> None:
    write_pictures(tmp_path / "sad")
    with pytest.raises(BadData, match="is not a regular expression"):
        read_image_folder(tmp_path, people="(")


def test_a_larger_picture_is_cropped_to_its_face(tmp_path: Path) -> None:
    write_pictures(tmp_path / "sad", count=2, side=200)
    found = np.full((48, 48), 5, np.uint8)
    assert (read_image_folder(tmp_path, crop=lambda picture: found).images == 5).all()
    with pytest.raises(BadData, match="no usable face of sadness"):
        read_image_folder(tmp_path, crop=lambda picture: None)


def test_an_unreadable_picture_is_reported(tmp_path: Path) -> None:
    write_pictures(tmp_path / "sad")
    (tmp_path / "sad" / "broken.jpg").write_bytes(b"not a picture")
    with pytest.raises(BadData, match=r"1 files are not pictures: .*broken\.jpg"):
        read_image_folder(tmp_path)


@pytest.mark.parametrize(
    ("folder", "complaint"),
    [("bored", "is not named after an expression"), ("sad/.", "contains no pictures")],
)
def test_unknown_and_empty_classes_are_refused(tmp_path: Path, folder: str, complaint: str) -> None:
    (tmp_path / folder).mkdir()
    with pytest.raises(BadData, match=complaint):
        read_image_folder(tmp_path)


def test_a_missing_folder_or_one_without_classes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadData, match="has no folders named after expressions"):
        read_image_folder(tmp_path)
    with pytest.raises(BadData, match="is not a folder"):
        read_image_folder(tmp_path / "nowhere")
