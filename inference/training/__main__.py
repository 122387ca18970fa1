"""python -m inference.training prepare | eyes | train | evaluate | export"""

import argparse
import os
import sys
from pathlib import Path

import numpy as np

from inference.expressions import WEIGHTS, load_classifier
from inference.training.datasheet import data_sheet
from inference.training.evaluate import (
    evaluate,
    fitted_temperatures,
    load_run,
    released_scorer,
    report_text,
    run_scorer,
)
from inference.training.eyes import eye_summary, find_eyes
from inference.training.faces import FaceSet, Floats, official_split, read_faces
from inference.training.networks import ARCHITECTURES
from inference.training.record import read_json, write_json
from inference.training.release import NO_TEMPERATURE, release
from inference.training.settings import Settings
from inference.training.train import MALLOC, train

FACES_FILE = "fer2013/fer2013_train_public.npz"


def faces_path(given: Path | None) -> Path:
    if given:
        return given
    if "FER_DATA" in os.environ:
        return Path(os.environ["FER_DATA"]) / FACES_FILE
    sys.exit(f"give --faces FILE.npz, or set FER_DATA to the folder that holds {FACES_FILE}")


def faces_of(arguments: argparse.Namespace) -> FaceSet:
    path = faces_path(arguments.faces)
    try:
        return read_faces(path)
    except (OSError, KeyError, ValueError) as error:
        sys.exit(f"{path} cannot be used: {error}")


def prepare_command(arguments: argparse.Namespace) -> None:
    sheet = data_sheet(faces_of(arguments), arguments.seed)
    for name, value in sheet.items():
        print(f"{name:32} {value}")
    if arguments.out:
        write_json(arguments.out, sheet)


def eyes_command(arguments: argparse.Namespace) -> None:
    faces = faces_of(arguments)
    rows = np.arange(len(faces.images))
    if arguments.sample:
        rows = np.random.default_rng(0).choice(rows[faces.split == 0], arguments.sample, False)
    eyes = find_eyes(faces, rows, arguments.landmarker)
    summary = eye_summary(eyes, len(rows))
    for name, value in summary.items():
        print(f"{name:16} {value}")
    if arguments.faces_out:
        np.savez(arguments.faces_out, eyes=eyes, data_sha256=faces.sha256)


def train_command(arguments: argparse.Namespace) -> None:
    settings = Settings(
        architecture=arguments.architecture,
        stages=[(side, epochs) for side, epochs in arguments.stages],
        batch_size=arguments.batch_size,
        learning_rate=arguments.learning_rate,
        weight_decay=arguments.weight_decay,
        mixup_share=arguments.mixup_share,
        average_decay=arguments.average_decay,
        seed=arguments.seed,
        processes=arguments.processes,
    )
    with_large_blocks_kept()
    print(f"starting from {arguments.start or 'random weights'}")
    faces = faces_of(arguments)
    train(faces, settings, arguments.run, arguments.start, eyes_of(arguments.eyes, faces))


def eyes_of(path: Path | None, faces: FaceSet) -> Floats | None:
    if path is None:
        return None
    with np.load(path, allow_pickle=False) as file:
        if str(file["data_sha256"]) != faces.sha256:
            sys.exit(f"{path} is of other faces; make it again with the eyes command")
        return np.asarray(file["eyes"], dtype=np.float32)


def with_large_blocks_kept() -> None:
    """Start this program again with glibc told to keep large blocks, which halves a step's time."""
    if any(name not in os.environ for name in MALLOC):
        kept = {name: str(2**30) for name in MALLOC}
        os.execve(  # noqa: S606 - the same program and arguments
            sys.executable, [sys.executable, *sys.orig_argv[1:]], {**kept, **os.environ}
        )


def evaluate_command(arguments: argparse.Namespace) -> None:
    faces = faces_of(arguments)
    if arguments.run:
        settings = read_json(arguments.run / "run.json")["settings"]
        split = official_split(faces, settings["split_seed"], settings["validation_share"])
        network, side = load_run(arguments.run)
        score = run_scorer(network, side, faces)
        temperatures = fitted_temperatures(score, faces, split.validation)
    else:
        split = official_split(faces)
        score = released_scorer(load_classifier(arguments.model), faces)
        temperatures = NO_TEMPERATURE
    figures = evaluate(score, faces, split, temperatures)
    print(report_text(str(arguments.run or arguments.model or "the default model"), figures))
    out = arguments.out or (arguments.run / "evaluation.json" if arguments.run else None)
    if out:
        write_json(out, figures)


def export_command(arguments: argparse.Namespace) -> None:
    faces = faces_of(arguments)
    settings = read_json(arguments.run / "run.json")["settings"]
    split = official_split(faces, settings["split_seed"], settings["validation_share"])
    release(arguments.run, faces, split, arguments.calibration, arguments.folder)


def stage(text: str) -> tuple[int, int]:
    """ "64x5": five epochs at 64 pixels."""
    side, _, epochs = text.partition("x")
    if not (side.isdigit() and epochs.isdigit() and int(side) >= 32 and int(epochs) > 0):
        raise argparse.ArgumentTypeError(f"{text!r} is no stage; write PIXELSxEPOCHS, as 64x5")
    return int(side), int(epochs)


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="python -m inference.training", description=__doc__)
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--faces", type=Path, help=f"default: {FACES_FILE} under FER_DATA")

    prepare = commands.add_parser("prepare", parents=[shared], help="check the data, count it")
    prepare.add_argument("--seed", type=int, default=0)
    prepare.add_argument("--out", type=Path, help="also write the counts as JSON")
    prepare.set_defaults(command=prepare_command)

    eyes = commands.add_parser("eyes", parents=[shared], help="where the eyes are in the faces")
    eyes.add_argument("--landmarker", type=Path, required=True, help="face_landmarker.task")
    eyes.add_argument(
        "--sample", type=int, default=3000, help="Training faces to look at; 0: every face"
    )
    eyes.add_argument("--faces-out", type=Path, help="also write each face's eyes, as npz")
    eyes.set_defaults(command=eyes_command)

    training = commands.add_parser("train", parents=[shared], help="train, or go on training")
    training.add_argument("--run", type=Path, required=True, help="folder of the run")
    training.add_argument("--architecture", choices=ARCHITECTURES, default="mobilenet_v2")
    training.add_argument(
        "--start",
        type=Path,
        default=os.environ.get("FER_IMAGENET"),
        help="torchvision checkpoint or a run's best.pt (default: FER_IMAGENET; none: scratch)",
    )
    training.add_argument("--stages", type=stage, nargs="+", default=Settings().stages)
    training.add_argument(
        "--eyes", type=Path, help="what eyes --faces-out wrote: aligned looks too"
    )
    training.add_argument("--batch-size", type=int, default=Settings().batch_size)
    training.add_argument("--learning-rate", type=float, default=Settings().learning_rate)
    for name in ("weight_decay", "mixup_share", "average_decay"):
        training.add_argument(
            f"--{name.replace('_', '-')}", type=float, default=getattr(Settings(), name)
        )
    training.add_argument("--seed", type=int, default=0)
    training.add_argument("--processes", type=int, default=Settings().processes)
    training.set_defaults(command=train_command)

    judge = commands.add_parser("evaluate", parents=[shared], help="figures on PublicTest")
    which = judge.add_mutually_exclusive_group()
    which.add_argument("--run", type=Path, help="a run's best weights, in torch")
    which.add_argument("--model", help="a released model, in ONNX Runtime (default: the default)")
    judge.add_argument("--out", type=Path, help="JSON file (default for a run: its folder)")
    judge.set_defaults(command=evaluate_command)

    export = commands.add_parser("export", parents=[shared], help="a run's weights to ONNX")
    export.add_argument("--run", type=Path, required=True)
    export.add_argument("--calibration", type=int, default=500, help="faces for int8 ranges")
    export.add_argument("--folder", type=Path, default=WEIGHTS)
    export.set_defaults(command=export_command)
    return top


def main() -> None:
    arguments = parser().parse_args()
    arguments.command(arguments)


if __name__ == "__main__":
    main()
