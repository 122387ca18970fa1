"""`evaluate_engagement` on made-up folders in the layouts of DAiSEE and EngageNet."""

import json
import os
import zipfile
from collections.abc import Sequence
from io import StringIO
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from django.core.management import CommandError, call_command

from tests.bench.engagement.clip_scores import ClipScores
from tests.bench.engagement.datasets import Clip, load_clips
from tests.bench.engagement.engagement_metrics import (
    compute_macro_f1,
    measure_scores,
    predict_levels,
)
from tests.bench.errors import BenchmarkError

SUBJECTS = ("110001", "110002", "110003")
HEADER = "ClipID,Boredom,Engagement,Confusion,Frustration "
"""As published, with a space at the end."""


@pytest.fixture(scope="module")
def face() -> Any:
    if "FER_MEDIA" not in os.environ:
        pytest.skip("no photographs of faces: set FER_MEDIA")
    image = cv2.imread(str(Path(os.environ["FER_MEDIA"]) / "grace_hopper.jpg"))
    assert image is not None
    return cv2.resize(image, (320, 400))


def write_video(file: Path, images: Sequence[Any]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    codec = "MJPG" if file.suffix == ".avi" else "mp4v"
    height, width = images[0].shape[:2]
    fourcc = cv2.VideoWriter.fourcc(*codec)
    writer = cv2.VideoWriter(str(file), fourcc, 10, (width, height))
    for image in images:
        writer.write(image)
    writer.release()


def make_daisee(folder: Path, image: Any, clips_per_subject: int = 2) -> Path:
    rows = []
    for subject in SUBJECTS:
        for number in range(clips_per_subject):
            name = f"{subject}{1001 + number}"
            write_video(folder / "DataSet" / "Test" / subject / name / f"{name}.avi", [image] * 4)
            rows.append(f"{name}.avi,{number},{3 - number},0,{3 * number}")
    (folder / "Labels").mkdir()
    (folder / "Labels" / "TestLabels.csv").write_text("\n".join([HEADER, *rows]) + "\n")
    return folder


def write_xlsx(file: Path, rows: Sequence[Sequence[str]]) -> None:
    """Write the smallest workbook with shared texts."""
    texts = sorted({cell for row in rows for cell in row})
    namespace = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    lines = "".join(
        "<row>" + "".join(f'<c t="s"><v>{texts.index(cell)}</v></c>' for cell in row) + "</row>"
        for row in rows
    )
    with zipfile.ZipFile(file, "w") as archive:
        strings = "".join(f"<si><t>{text}</t></si>" for text in texts)
        archive.writestr("xl/sharedStrings.xml", f"<sst {namespace}>{strings}</sst>")
        sheet = f"<worksheet {namespace}><sheetData>{lines}</sheetData></worksheet>"
        archive.writestr("xl/worksheets/sheet1.xml", sheet)


def make_engagenet(folder: Path, image: Any) -> Path:
    labels = ["Not-Engaged", "Barely-engaged", "Engaged", "Highly-Engaged"]
    rows = [["chunk", "label"]]
    for number, label in enumerate([*labels, "SNP(Subject Not Present)"]):
        name = f"subject_{number}_clip_vid_0_{number}.mp4"
        write_video(folder / "Validation" / name, [image] * 4)
        rows.append([name, label])
    rows.append(["subject_9_clip_vid_0_9.mp4", "Engaged"])  # not downloaded
    write_xlsx(folder / "validation_engagement_labels.xlsx", rows)
    return folder


def make_blank() -> Any:
    return np.full((64, 64, 3), 96, np.uint8)


def run(**options: Any) -> dict[str, Any]:
    out = StringIO()
    call_command("evaluate_engagement", "--json", stdout=out, **options)
    result: dict[str, Any] = json.loads(out.getvalue())
    return result


def test_daisee_labels_belong_to_their_clips(tmp_path: Path) -> None:
    make_daisee(tmp_path / "DAiSEE", make_blank())
    loaded = load_clips("daisee", tmp_path, "Test")
    assert (len(loaded.clips), loaded.missing) == (6, 0)
    second = next(clip for clip in loaded.clips if clip.name == "1100011002")
    assert second.subject == "110001"
    assert second.levels == {"engagement": 2, "boredom": 1, "confusion": 0, "frustration": 3}


def test_daisee_clip_as_pictures(tmp_path: Path) -> None:
    make_daisee(tmp_path, make_blank())
    video = tmp_path / "DataSet/Test/110001/1100011001/1100011001.avi"
    video.unlink()
    assert load_clips("daisee", tmp_path, "Test").missing == 1
    cv2.imwrite(str(video.with_name("11000110011.jpg")), make_blank())
    loaded = load_clips("daisee", tmp_path, "Test")
    assert loaded.missing == 0
    assert {clip.subject for clip in loaded.clips} == set(SUBJECTS)


def test_engagenet_leaves_out_absent_subjects(tmp_path: Path) -> None:
    loaded = load_clips("engagenet", make_engagenet(tmp_path, make_blank()), "Validation")
    assert (len(loaded.clips), loaded.missing, loaded.left_out) == (4, 1, 1)
    assert [clip.levels["engagement"] for clip in loaded.clips] == [0, 1, 2, 3]
    assert [clip.subject for clip in loaded.clips] == ["0", "1", "2", "3"]


@pytest.mark.parametrize(
    ("dataset", "change", "message"),
    [
        ("daisee", lambda root: (root / "Labels" / "TestLabels.csv").unlink(), "label file"),
        (
            "daisee",
            lambda root: (root / "Labels" / "TestLabels.csv").write_text("ClipID\n1"),
            "column Engagement is missing",
        ),
        (
            "daisee",
            lambda root: (root / "Labels" / "TestLabels.csv").write_text(f"{HEADER}\n1,9,0,0,0"),
            "level '9' is not 0, 1, 2 or 3",
        ),
        (
            "daisee",
            lambda root: (root / "Labels" / "TestLabels.csv").write_text(f"{HEADER}\n1,0,0,0,0"),
            "none of the 1 labelled clips",
        ),
        ("daisee", lambda root: (root / "Labels").rename(root / "L"), "has a folder Labels"),
        ("engagenet", lambda _root: None, "neither it nor a folder in it has a folder Validation"),
    ],
)
def test_folder_in_another_layout_is_refused(
    tmp_path: Path, dataset: str, change: Any, message: str
) -> None:
    make_daisee(tmp_path, make_blank())
    change(tmp_path)
    with pytest.raises(BenchmarkError, match=message):
        load_clips(dataset, tmp_path, "Validation" if dataset == "engagenet" else "Test")


def test_workbook_that_is_none_is_refused(tmp_path: Path) -> None:
    make_engagenet(tmp_path, make_blank())
    (tmp_path / "validation_engagement_labels.xlsx").write_text("no workbook")
    with pytest.raises(BenchmarkError, match="not a workbook"):
        load_clips("engagenet", tmp_path, "Validation")


def test_command_without_data_says_what_to_pass(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="Pass --data"):
        call_command("evaluate_engagement", dataset="daisee", data=tmp_path / "none")


def test_daisee_is_read_through_the_pipeline(tmp_path: Path, face: Any) -> None:
    make_daisee(tmp_path, face, clips_per_subject=2)
    broken = tmp_path / "DataSet/Test/110003/1100031002/1100031002.avi"
    broken.write_bytes(b"no video")
    result = run(dataset="daisee", data=tmp_path, frames=2)
    assert (result["clips"], result["subjects"], result["missing"]) == (5, 3, 0)
    assert result["unreadable"] == ["1100031002"]
    presets = {row["preset"]: row for row in result["engagement"]}
    assert set(presets) == {"sharma2019", "transparent", "head_only"}
    assert presets["transparent"]["known"] == 1.0
    assert presets["transparent"]["auc"] is None, "all clips are engaged"
    assert 0 <= presets["transparent"]["accuracy"]["value"] <= 1
    assert [row["state"] for row in result["states"]] == ["frustration", "confusion", "boredom"]
    assert {"LRCN", "ViBED-Net"} <= {row["model"] for row in result["baselines"]}


def test_engagenet_is_read_through_the_pipeline(tmp_path: Path, face: Any) -> None:
    make_engagenet(tmp_path, face)
    out = StringIO()
    options = {"dataset": "engagenet", "data": tmp_path, "split": "Validation", "frames": 1}
    call_command("evaluate_engagement", stdout=out, **options)
    assert "4 clips of 4 subjects (1 missing, 1 left out, 0 unreadable)" in out.getvalue()
    assert "Singh et al. 2023" in out.getvalue()


def test_clips_without_a_face_are_unknown(tmp_path: Path) -> None:
    make_daisee(tmp_path, make_blank())
    result = run(dataset="daisee", data=tmp_path, frames=1, limit=3)
    assert result["clips"] == 3
    assert {row["known"] for row in result["engagement"]} == {0.0}


def make_scores(count: int = 200) -> list[ClipScores]:
    """Make clips whose index rises with their level, with some noise."""
    random = np.random.default_rng(1)
    scores = []
    for number in range(count):
        level = int(random.integers(0, 4))
        clip = Clip(str(number), f"s{number % 10}", Path(), {"engagement": level})
        index = level / 4 + float(random.normal(0, 0.05))
        scores.append(ClipScores(clip, dict.fromkeys(("sharma2019", "transparent"), index)))
        scores[-1].indices["head_only"] = float(random.random())
    return scores


def test_metrics_tell_a_good_index_from_chance() -> None:
    result = measure_scores(make_scores())
    presets = {row["preset"]: row for row in result["engagement"]}
    good, chance = presets["transparent"], presets["head_only"]
    assert good["auc"]["value"] > 0.98
    assert good["accuracy"]["value"] > 0.9
    low, high = chance["auc"]["interval"]
    assert low < 0.5 < high
    assert chance["accuracy"]["value"] < 0.4


def test_cut_points_come_from_other_subjects() -> None:
    values = np.array([0.0, 1.0, 2.0, 3.0, 100.0, 101.0, 102.0, 103.0])
    levels = np.array([0, 1, 2, 3, 0, 1, 2, 3])
    predicted = predict_levels(values, levels, ["a"] * 4 + ["b"] * 4)
    assert predicted.tolist() == [0] * 4 + [3] * 4


def test_macro_f1_weighs_rare_levels_as_frequent_ones() -> None:
    levels, predicted = np.array([0, 0, 0, 1]), np.array([0, 0, 0, 0])
    assert compute_macro_f1(levels, predicted) == pytest.approx((6 / 7 + 0) / 2)
