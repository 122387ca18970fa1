"""Read the folders and label files of DAiSEE and EngageNet, as they are published.

- DAiSEE (Gupta, D'Cunha, Awasthi, Balasubramanian 2016, arXiv 1609.01885):
  `DataSet/{Train,Validation,Test}/SUBJECT/CLIP/CLIP.avi` and
  `Labels/{Train,Validation,Test}Labels.csv` with the columns ClipID, Boredom, Engagement,
  Confusion, Frustration, each 0 (very low) to 3 (very high). A folder of pictures in place of the
  video, as its own script extracts them, is read too.
- EngageNet (Singh, Hoque, Zeng, Wang, Ikeda, Dhall 2023, arXiv 2302.00431):
  `{Train,Validation,Test}/subject_….mp4` and `train_engagement_labels.xlsx`,
  `validation_engagement_labels.xlsx`, `test_engagement_labels.csv` with the columns chunk, label.
"""

import csv
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

from inference.imaging.pictures import is_photo_file
from tests.bench.errors import BenchmarkError

VIDEO_SUFFIXES: Final = (".avi", ".mp4", ".mov", ".mkv")
DAISEE_STATES: Final = ("Engagement", "Boredom", "Confusion", "Frustration")
ENGAGENET_LEVELS: Final[Mapping[str, int]] = {
    "not-engaged": 0,
    "barely-engaged": 1,
    "engaged": 2,
    "highly-engaged": 3,
}
ENGAGENET_ABSENT: Final = "snp(subject not present)"
SPREADSHEET: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
MAX_XML_BYTES: Final = 50_000_000


@dataclass(frozen=True, slots=True)
class Clip:
    """A labelled clip of ten seconds."""

    name: str
    subject: str
    path: Path
    """A video, or a folder of pictures."""
    levels: Mapping[str, int]
    """Level 0..3 by state, in lower case."""


@dataclass(frozen=True, slots=True)
class LabelledClips:
    """Clips of one split, and how many labels have no clip."""

    clips: list[Clip]
    missing: int = 0
    left_out: int = 0
    """Clips without a level, such as EngageNet's "subject not present"."""


def load_daisee(folder: Path, split: str) -> LabelledClips:
    """Return the labelled clips of a split.

    Raises:
        BenchmarkError: The folder or the label file is not that of DAiSEE.
    """
    root = _find_root(folder, "Labels")
    videos = next((root / name for name in ("DataSet", "Dataset") if (root / name).is_dir()), None)
    if videos is None or not (videos / split).is_dir():
        raise BenchmarkError(f"{root}: DAiSEE has a folder DataSet/{split} with the clips.")
    rows = _read_csv(root / "Labels" / f"{split}Labels.csv", ("ClipID", *DAISEE_STATES))
    clips = []
    for row in rows:
        name = Path(row["ClipID"]).stem
        path = _find_daisee_clip(videos / split, name)
        levels = {state.lower(): _parse_level(row[state], name) for state in DAISEE_STATES}
        if path is not None:
            inside = path if path.is_dir() else path.parent
            clips.append(Clip(name, inside.parent.name, path, levels))
    return LabelledClips(clips, missing=len(rows) - len(clips))


def _find_daisee_clip(folder: Path, name: str) -> Path | None:
    """Return the clip's video, or its folder if that holds pictures."""
    # The subject is the first six digits of the clip.
    candidates = [folder / name[:6] / name, *folder.glob(f"*/{name}")]
    for inside in candidates:
        for suffix in VIDEO_SUFFIXES:
            if (inside / f"{name}{suffix}").is_file():
                return inside / f"{name}{suffix}"
        if inside.is_dir() and any(map(is_photo_file, inside.iterdir())):
            return inside
    return None


def load_engagenet(folder: Path, split: str) -> LabelledClips:
    """Return the labelled clips of a split.

    Raises:
        BenchmarkError: The folder or the label file is not that of EngageNet.
    """
    root = _find_root(folder, split)
    rows = _read_engagenet_labels(root, split)
    clips: list[Clip] = []
    left_out = 0
    for row in rows:
        name, label = row["chunk"], row["label"].lower()
        if label == ENGAGENET_ABSENT:
            left_out += 1
            continue
        if label not in ENGAGENET_LEVELS:
            raise BenchmarkError(f"{name}: unknown label {row['label']!r} in EngageNet's labels.")
        path = root / split / (name if Path(name).suffix else f"{name}.mp4")
        if path.is_file():
            levels = {"engagement": ENGAGENET_LEVELS[label]}
            clips.append(Clip(Path(name).stem, _get_engagenet_subject(name), path, levels))
    return LabelledClips(clips, missing=len(rows) - left_out - len(clips), left_out=left_out)


def _get_engagenet_subject(name: str) -> str:
    match = re.match(r"subject_([^_]+)_", name, re.IGNORECASE)
    return match[1] if match else name


def _read_engagenet_labels(root: Path, split: str) -> list[dict[str, str]]:
    columns = ("chunk", "label")
    stem = root / f"{split.lower()}_engagement_labels"
    if (file := stem.with_suffix(".csv")).is_file():
        return _read_csv(file, columns)
    if (file := stem.with_suffix(".xlsx")).is_file():
        return _read_xlsx(file, columns)
    raise BenchmarkError(f"{root}: EngageNet has a file {stem.name}.xlsx or .csv with the labels.")


DATASETS: Final[Mapping[str, Callable[[Path, str], LabelledClips]]] = {
    "daisee": load_daisee,
    "engagenet": load_engagenet,
}


def load_clips(dataset: str, folder: Path, split: str) -> LabelledClips:
    """Return the labelled clips of a split; at least one.

    Raises:
        BenchmarkError: The folder is not in the published layout, or holds no labelled clip.
    """
    if not folder.is_dir():
        raise BenchmarkError(f"{folder}: no such folder. Pass --data with the unpacked data set.")
    loaded = DATASETS[dataset](folder, split)
    if not loaded.clips:
        raise BenchmarkError(
            f"{folder}: none of the {loaded.missing} labelled clips of {split} is there."
        )
    return loaded


def _find_root(folder: Path, expected: str) -> Path:
    """Return the folder, or the only one in it, that holds `expected`."""
    for candidate in (folder, *sorted(path for path in folder.iterdir() if path.is_dir())):
        if (candidate / expected).is_dir():
            return candidate
    raise BenchmarkError(f"{folder}: neither it nor a folder in it has a folder {expected}.")


def _parse_level(text: str, name: str) -> int:
    if text.strip() not in {"0", "1", "2", "3"}:
        raise BenchmarkError(f"{name}: level {text!r} is not 0, 1, 2 or 3.")
    return int(text)


def _read_csv(file: Path, columns: tuple[str, ...]) -> list[dict[str, str]]:
    if not file.is_file():
        raise BenchmarkError(f"{file}: no such label file.")
    with file.open(encoding="utf-8-sig", newline="") as stream:
        # The published header has a space behind one name.
        lines = [[cell.strip() for cell in line] for line in csv.reader(stream)]
    return _build_rows(file, lines, columns)


def _build_rows(
    file: Path, lines: list[list[str]], columns: tuple[str, ...]
) -> list[dict[str, str]]:
    header = lines[0] if lines else []
    if missing := [column for column in columns if column not in header]:
        raise BenchmarkError(f"{file}: column {missing[0]} is missing; it has {header}.")
    positions = {column: header.index(column) for column in columns}
    return [
        {column: line[position] for column, position in positions.items()}
        for line in lines[1:]
        if len(line) >= len(header) and line[0]
    ]


def _read_xlsx(file: Path, columns: tuple[str, ...]) -> list[dict[str, str]]:
    """Read the first sheet of a workbook (ECMA-376), whose cells are texts."""
    try:
        with zipfile.ZipFile(file) as archive:
            texts = list(_read_shared_texts(archive))
            sheet = _parse_xml(archive, "xl/worksheets/sheet1.xml")
    except (zipfile.BadZipFile, KeyError, ElementTree.ParseError) as error:
        raise BenchmarkError(f"{file}: not a workbook with labels in its first sheet.") from error
    lines = [
        [_read_cell(cell, texts).strip() for cell in row.iter(f"{SPREADSHEET}c")]
        for row in sheet.iter(f"{SPREADSHEET}row")
    ]
    return _build_rows(file, lines, columns)


def _read_shared_texts(archive: zipfile.ZipFile) -> Iterator[str]:
    if "xl/sharedStrings.xml" in archive.namelist():
        for item in _parse_xml(archive, "xl/sharedStrings.xml").iter(f"{SPREADSHEET}si"):
            yield "".join(text.text or "" for text in item.iter(f"{SPREADSHEET}t"))


def _parse_xml(archive: zipfile.ZipFile, name: str) -> ElementTree.Element:
    if archive.getinfo(name).file_size > MAX_XML_BYTES:
        raise KeyError(name)
    return ElementTree.fromstring(archive.read(name))


def _read_cell(cell: ElementTree.Element, texts: list[str]) -> str:
    if cell.get("t") == "inlineStr":
        return "".join(text.text or "" for text in cell.iter(f"{SPREADSHEET}t"))
    value = cell.findtext(f"{SPREADSHEET}v") or ""
    return texts[int(value)] if cell.get("t") == "s" else value
