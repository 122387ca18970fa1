"""prepare, eyes: convert faces into the input of the other commands."""

import argparse
import os
from pathlib import Path
from typing import Any

import numpy as np

from inference.command_line import parse_count
from inference.models.store import FACE_LANDMARKER, load_model
from inference.training.data.data_sheet import compute_data_sheet
from inference.training.data.dataset import (
    TRAINING,
    FaceDataset,
    Floats,
    read_dataset,
    read_derived_arrays,
    write_dataset,
)
from inference.training.data.eye_positions import detect_eyes, summarize_eye_positions
from inference.training.data.fer2013_csv import read_fer2013_csv
from inference.training.data.image_folder import read_image_folder
from inference.training.errors import BadData
from inference.training.json_files import write_json

FACES_FILE = "fer2013/fer2013_train_public.npz"
Commands = Any
"""argparse's `_SubParsersAction`, which has no public name"""


def build_data_options() -> argparse.ArgumentParser:
    """Build the options that name the faces, which many commands share."""
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--faces", type=Path, help=f"npz; default: {FACES_FILE} under FER_DATA")
    shared.add_argument("--csv", type=Path, help="fer2013.csv, together with --votes")
    shared.add_argument("--votes", type=Path, help="fer2013new.csv of FER+")
    shared.add_argument("--data", type=Path, help="a folder of pictures, a subfolder per class")
    shared.add_argument(
        "--people",
        help="regular expression: its first group in a file's name identifies the person",
    )
    return shared


def load_faces(arguments: argparse.Namespace) -> FaceDataset:
    """Read the faces from whichever source was given. Raises BadData."""
    if arguments.data:
        return read_image_folder(arguments.data, arguments.people)
    if arguments.csv or arguments.votes:
        if not (arguments.csv and arguments.votes):
            raise BadData("--csv fer2013.csv and --votes fer2013new.csv must be passed together")
        return read_fer2013_csv(arguments.csv, arguments.votes)
    return read_dataset(_get_npz_path(arguments.faces))


def _get_npz_path(given: Path | None) -> Path:
    if given:
        return given
    if "FER_DATA" in os.environ:
        return Path(os.environ["FER_DATA"]) / FACES_FILE
    raise BadData(
        f"give --faces FILE.npz, --csv with --votes, or --data FOLDER, or set FER_DATA to the "
        f"folder that contains {FACES_FILE}"
    )


def load_eyes(path: Path | None, faces: FaceDataset) -> Floats | None:
    """Read eye centres, float32 [N, 2, 2], that `eyes` wrote. Raises BadData."""
    if path is None:
        return None
    found = read_derived_arrays(path, faces, "eyes", ("eyes",))["eyes"]
    if found.shape != (len(faces.images), 2, 2):
        raise BadData(f"{path}: eyes must be [{len(faces.images)}, 2, 2]")
    return np.asarray(found, dtype=np.float32)


def prepare_command(arguments: argparse.Namespace) -> None:
    faces = load_faces(arguments)
    sheet = compute_data_sheet(faces, arguments.seed)
    for name, value in sheet.items():
        print(f"{name:32} {value}")
    if arguments.out:
        write_json(arguments.out, sheet)
    if arguments.faces_out:
        write_dataset(faces, arguments.faces_out)
        print(f"{len(faces.images)} faces written to {arguments.faces_out}")


def eyes_command(arguments: argparse.Namespace) -> None:
    faces = load_faces(arguments)
    rows = np.arange(len(faces.images))
    if arguments.sample:
        training = rows[faces.split == TRAINING]
        count = min(arguments.sample, len(training))
        rows = np.random.default_rng(0).choice(training, count, replace=False)
    path = arguments.landmarker
    model = path.read_bytes() if path else load_model(FACE_LANDMARKER)
    found = detect_eyes(faces, rows, model)
    for name, value in summarize_eye_positions(found, len(rows)).items():
        print(f"{name:16} {value}")
    if arguments.faces_out:
        np.savez(arguments.faces_out, eyes=found, data_sha256=faces.sha256)


def add_data_commands(commands: Commands, shared: argparse.ArgumentParser) -> None:
    command = commands.add_parser("prepare", parents=[shared], help="validate and count the data")
    command.add_argument("--seed", type=parse_count, default=0)
    command.add_argument("--out", type=Path, help="also write the counts as JSON")
    command.add_argument("--faces-out", type=Path, help="also write the faces as npz, for --faces")
    command.set_defaults(command=prepare_command)

    command = commands.add_parser("eyes", parents=[shared], help="detect eye centres")
    command.add_argument(
        "--landmarker", type=Path, help="face_landmarker.task (default: the fetched model)"
    )
    command.add_argument(
        "--sample", type=parse_count, default=3000, help="number of Training faces; 0: every face"
    )
    command.add_argument("--faces-out", type=Path, help="also write each face's eyes, as npz")
    command.set_defaults(command=eyes_command)
