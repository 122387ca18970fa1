"""A folder of pictures, one subfolder a class, -> faces.

`train/` and `test/` above the classes, as FER2013 is often handed around, become Training and
PublicTest. A picture that is larger than a face is looked at by the pipeline's own face finder and
cut as live frames are; a small square one is taken for a face that was cut already.
"""

import hashlib
import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from inference.detection.faces import open_detector
from inference.errors import PictureUnreadable
from inference.expressions import FER7_LABELS
from inference.imaging.alignment import CROP_SIDE, aligned_crop
from inference.imaging.pictures import PHOTOS, frames_of
from inference.results import LABELS
from inference.training.data.dataset import (
    PUBLIC_TEST,
    TRAINING,
    VOTE_COLUMNS,
    FaceDataset,
    Pixels,
    group_identical_images,
)
from inference.training.errors import BadData

MAX_CROPPED_FACE_PX = 112
"""Up to this many pixels a square picture counts as a face that was cut already."""
SYNONYMS = {"angry": "anger", "happy": "happiness", "sad": "sadness", "surprised": "surprise"}
FER7_BY_FERPLUS_LABEL = {
    "anger": "angry",
    "happiness": "happy",
    "sadness": "sad",
    **{name: name for name in ("disgust", "fear", "surprise", "neutral")},
}
FaceCropper = Callable[[Pixels], Pixels | None]
"""A colour picture -> the face in it, 48x48 grey; None where there is not exactly one."""


def read_image_folder(
    folder: Path, people: str | None = None, cut: FaceCropper | None = None
) -> FaceDataset:
    """Faces of every class folder.

    `people` is a regular expression whose first group, found in a file's name, says who it shows.
    Raises BadData for an unknown class, an empty one, unreadable pictures, or too few faces.
    """
    found = _pictures(folder)
    images, classes, split, paths = [], [], [], []
    bad, faceless = [], []
    for part, label, path in tqdm(found, desc="pictures", mininterval=5):
        try:
            picture = next(iter(frames_of(path))).image
        except PictureUnreadable:
            bad.append(path)
            continue
        face = _face(picture, cut)
        if face is None:
            faceless.append(path)
            continue
        images.append(face)
        classes.append(LABELS.index(label))
        split.append(part)
        paths.append(path)
    if bad:
        raise BadData(f"{len(bad)} files are no pictures: {_some(bad)}; remove or replace them")
    if faceless:
        print(f"{len(faceless)} pictures without exactly one face are left out: {_some(faceless)}")
    if missing := {label for _, label, _ in found} - {LABELS[c] for c in classes}:
        raise BadData(f"no face is left of {', '.join(sorted(missing))}")
    person = _people([path.name for path in paths], people)
    files = np.array([path.relative_to(folder).as_posix() for path in paths])
    return replace(_face_set(np.stack(images), classes, split, person), files=files)


def _face_set(
    images: Pixels, classes: list[int], split: list[int], person: NDArray[np.int32] | None
) -> FaceDataset:
    votes = np.zeros((len(images), VOTE_COLUMNS), np.uint8)
    votes[np.arange(len(images)), classes] = VOTE_COLUMNS
    seven = [
        FER7_LABELS.index(FER7_BY_FERPLUS_LABEL[LABELS[c]])
        if LABELS[c] in FER7_BY_FERPLUS_LABEL
        else -1
        for c in classes
    ]
    parts = np.array(split, np.int8)
    # Who is who and what is for testing decide what is held out: they are of the data, too.
    known = (images, votes, parts) if person is None else (images, votes, parts, person)
    return FaceDataset(
        images,
        np.array(seven, np.int8),
        parts,
        votes,
        group_identical_images(images),
        hashlib.sha256(b"".join(each.tobytes() for each in known)).hexdigest(),
        person,
    )


def _pictures(folder: Path) -> list[tuple[int, str, Path]]:
    """Part, FER+ label and path of every picture."""
    if not folder.is_dir():
        raise BadData(f"{folder} is no folder")
    parts = {TRAINING: folder / "train", PUBLIC_TEST: folder / "test"}
    if not parts[TRAINING].is_dir():
        parts = {TRAINING: folder}
    found = []
    for part, top in parts.items():
        classes = sorted(p for p in top.iterdir() if p.is_dir()) if top.is_dir() else []
        if not classes:
            raise BadData(f"{top} has no folders named for expressions, as {', '.join(LABELS)}")
        for each in classes:
            label = _label(each)
            paths = sorted(p for p in each.rglob("*") if p.suffix.lower() in PHOTOS)
            if not paths:
                raise BadData(f"{each} holds no pictures; fill it or remove it")
            found += [(part, label, path) for path in paths]
    return found


def _label(folder: Path) -> str:
    name = SYNONYMS.get(folder.name.lower(), folder.name.lower())
    if name not in LABELS:
        known = ", ".join([*LABELS, *SYNONYMS])
        raise BadData(f"{folder} names no expression known here; known are {known}")
    return name


def _people(names: list[str], pattern: str | None) -> NDArray[np.int32] | None:
    if pattern is None:
        return None
    try:
        found = [re.search(pattern, name) for name in names]
    except re.error as error:
        raise BadData(f"--people {pattern!r} is no regular expression: {error}") from error
    unnamed = [name for name, match in zip(names, found, strict=True) if not match]
    if unnamed:
        raise BadData(f"--people finds nobody in {_some([Path(n) for n in unnamed])}")
    who = [match.group((match.lastindex and 1) or 0) for match in found if match]
    return np.array([_number_of(each) for each in who], np.int32)


def _number_of(name: str) -> int:
    """Of the name alone, so that everybody keeps theirs when others come or go."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4]) >> 1


def _face(picture: Pixels, cut: FaceCropper | None) -> Pixels | None:
    height, width = picture.shape[:2]
    if height == width <= MAX_CROPPED_FACE_PX:
        grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
        how = cv2.INTER_AREA if width > CROP_SIDE else cv2.INTER_LINEAR
        return cv2.resize(grey, (CROP_SIDE, CROP_SIDE), interpolation=how).astype(np.uint8)
    return (cut or open_face_cropper())(picture)


@cache
def open_face_cropper() -> FaceCropper:
    """The pipeline's own face finder and alignment, opened when first needed."""
    detector = open_detector()

    def cut(picture: Pixels) -> Pixels | None:
        found = detector.find(picture)
        if found.count != 1 or found.largest is None:
            return None
        grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY).astype(np.uint8)
        return aligned_crop(grey, found.largest.eyes)

    return cut


def _some(paths: list[Path], most: int = 3) -> str:
    more = f" and {len(paths) - most} more" if len(paths) > most else ""
    return ", ".join(str(path) for path in paths[:most]) + more
