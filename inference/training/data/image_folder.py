"""Read faces from a folder of pictures with a subfolder per class.

With `train/` and `test/` above the classes, as in common copies of FER2013, these become Training
and PublicTest. A small square picture counts as a cropped face; in others the pipeline's detector
finds the face, which is aligned and cropped as in live frames.
"""

import hashlib
import os
import re
from collections.abc import Callable, Sequence
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
from inference.imaging.alignment import CROP_SIDE, align_face
from inference.imaging.pictures import is_photo_file, read_frames
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
"""Up to this side a square picture counts as a cropped face."""
SYNONYMS = {"angry": "anger", "happy": "happiness", "sad": "sadness", "surprised": "surprise"}
FER7_BY_FERPLUS_LABEL = {
    "anger": "angry",
    "happiness": "happy",
    "sadness": "sad",
    **{name: name for name in ("disgust", "fear", "surprise", "neutral")},
}
FaceCropper = Callable[[Pixels], Pixels | None]
"""BGR picture [H, W, 3] -> grey face [48, 48]; None unless there is exactly one face."""


def read_image_folder(
    folder: Path, people: str | None = None, crop: FaceCropper | None = None
) -> FaceDataset:
    """Read the faces of every class folder.

    Args:
        folder: contains the class folders, or `train` and `test` with class folders.
        people: regular expression; its first group in a file's name identifies the person.
        crop: replaces the pipeline's detector and alignment.

    Raises:
        BadData: a class is unknown, empty or without usable faces, or a picture is unreadable.
    """
    found = _list_pictures(folder)
    images, classes, split, paths = [], [], [], []
    unreadable: list[Path] = []
    faceless: list[Path] = []
    for part, label, path in tqdm(found, desc="pictures", mininterval=5):
        try:
            picture = next(iter(read_frames(path))).image
        except PictureUnreadable:
            unreadable.append(path)
            continue
        face = _crop_face(picture, crop)
        if face is None:
            faceless.append(path)
            continue
        images.append(face)
        classes.append(LABELS.index(label))
        split.append(part)
        paths.append(path)
    if unreadable:
        raise BadData(
            f"{len(unreadable)} files are not pictures: {_format_paths(unreadable)}; remove or "
            "replace them"
        )
    if faceless:
        print(
            f"{len(faceless)} pictures without exactly one face are left out: "
            f"{_format_paths(faceless)}"
        )
    if missing := {label for _, label, _ in found} - {LABELS[c] for c in classes}:
        raise BadData(f"no usable face of {', '.join(sorted(missing))}")
    person = _parse_people([path.name for path in paths], people)
    files = np.array([path.relative_to(folder).as_posix() for path in paths])
    return replace(_build_dataset(np.stack(images), classes, split, person), files=files)


def _build_dataset(
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
    # Identities and parts decide which faces are held out, so the digest covers them.
    hashed = (images, votes, parts) if person is None else (images, votes, parts, person)
    return FaceDataset(
        images,
        np.array(seven, np.int8),
        parts,
        votes,
        group_identical_images(images),
        hashlib.sha256(b"".join(column.tobytes() for column in hashed)).hexdigest(),
        person,
    )


def _list_pictures(folder: Path) -> list[tuple[int, str, Path]]:
    """List part, FER+ label and path of every picture."""
    if not folder.is_dir():
        raise BadData(f"{folder} is not a folder")
    parts = {TRAINING: folder / "train", PUBLIC_TEST: folder / "test"}
    if not parts[TRAINING].is_dir():
        parts = {TRAINING: folder}
    found = []
    for part, top in parts.items():
        classes = sorted(p for p in top.iterdir() if p.is_dir()) if top.is_dir() else []
        if not classes:
            raise BadData(
                f"{top} has no folders named after expressions, such as {', '.join(LABELS)}"
            )
        for class_folder in classes:
            label = _parse_label(class_folder)
            paths = sorted(p for p in class_folder.rglob("*") if is_photo_file(p))
            if not paths:
                raise BadData(f"{class_folder} contains no pictures; add some or remove it")
            found += [(part, label, path) for path in paths]
    return found


def _parse_label(folder: Path) -> str:
    name = SYNONYMS.get(folder.name.lower(), folder.name.lower())
    if name not in LABELS:
        known = ", ".join([*LABELS, *SYNONYMS])
        raise BadData(f"{folder} is not named after an expression; use one of {known}")
    return name


def _parse_people(names: list[str], pattern: str | None) -> NDArray[np.int32] | None:
    if pattern is None:
        return None
    try:
        found = [re.search(pattern, name) for name in names]
    except re.error as error:
        raise BadData(f"--people {pattern!r} is not a regular expression: {error}") from error
    unnamed = [name for name, match in zip(names, found, strict=True) if not match]
    if unnamed:
        raise BadData(f"--people does not match {_format_paths(unnamed)}")
    people = [match.group((match.lastindex and 1) or 0) for match in found if match]
    return np.array([_hash_name(person) for person in people], np.int32)


def _hash_name(name: str) -> int:
    """Hash a name to 31 bits, so that a person's number does not depend on the other people."""
    return int.from_bytes(hashlib.sha256(os.fsencode(name)).digest()[:4]) >> 1


def _crop_face(picture: Pixels, crop: FaceCropper | None) -> Pixels | None:
    height, width = picture.shape[:2]
    if height == width <= MAX_CROPPED_FACE_PX:
        grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
        interpolation = cv2.INTER_AREA if width > CROP_SIDE else cv2.INTER_LINEAR
        return cv2.resize(grey, (CROP_SIDE, CROP_SIDE), interpolation=interpolation).astype(
            np.uint8
        )
    return (crop or open_face_cropper())(picture)


@cache
def open_face_cropper() -> FaceCropper:
    """Open the pipeline's detector and alignment, once."""
    detector = open_detector()

    def crop(picture: Pixels) -> Pixels | None:
        found = detector.detect(picture)
        if found.count != 1 or found.largest is None:
            return None
        grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY).astype(np.uint8)
        return align_face(grey, found.largest.eyes)

    return crop


def _format_paths(paths: Sequence[Path | str], maximum: int = 3) -> str:
    more = f" and {len(paths) - maximum} more" if len(paths) > maximum else ""
    return ", ".join(str(path) for path in paths[:maximum]) + more
