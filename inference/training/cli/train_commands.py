"""train, teach, average, runs, keep, restore: training, and storing its results."""

import argparse
import math
import os
import re
import sys
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

from inference.command_line import parse_count, parse_positive_count, parse_share
from inference.expressions import WEIGHTS
from inference.training.cli.data_commands import Commands, load_eyes, load_faces
from inference.training.cli.renamed_option import RenamedOption
from inference.training.data.dataset import FaceDataset
from inference.training.data.splits import SPLITS
from inference.training.errors import BadData
from inference.training.networks.initial_weights import IMAGENET, IMAGENET_START, RELEASED, SCRATCH
from inference.training.networks.registry import TRAINABLE
from inference.training.records import (
    RUN_RECORD,
    load_run_record,
)
from inference.training.release.driver import RECORDS, Folders, list_states, run_experiments
from inference.training.release.restore import restore_run
from inference.training.release.store import store_run
from inference.training.settings import Settings
from inference.training.train.adapt import (
    ADAPTATION,
    check_adaptation_faces,
    write_adaptation_report,
)
from inference.training.train.checkpoint_averaging import average_checkpoints
from inference.training.train.state import CHECKPOINT
from inference.training.train.teachers import (
    AnyTeachers,
    LiveTeachers,
    predict_with_teachers,
    read_teacher_scores,
    write_teacher_scores,
)
from inference.training.train.training import MALLOC, train

COMMAND_LINE_SETTINGS = {
    item.name for item in fields(Settings) if item.name not in ("split_seed", "validation_share")
}


def train_command(arguments: argparse.Namespace) -> None:
    restart_with_large_malloc_blocks()
    adapts = arguments.start == RELEASED and arguments.data
    settings = build_settings(arguments, ADAPTATION if adapts else Settings())
    start = arguments.start or _get_default_start(settings.architecture)
    faces = load_faces(arguments)
    if adapts:
        check_adaptation_faces(faces)
    teachers = _load_teachers(arguments, faces)
    if settings.teacher_share and teachers is None:
        raise BadData(
            "--teacher-share needs --teachers FILE, as written by teach, or --live-teachers RUN..."
        )
    print(_describe_run(arguments.run, settings, start))
    train(faces, settings, arguments.run, start, load_eyes(arguments.eyes, faces), teachers)
    if adapts:
        print(write_adaptation_report(arguments.run, faces, settings))


def _load_teachers(arguments: argparse.Namespace, faces: FaceDataset) -> AnyTeachers | None:
    if arguments.live_teachers:
        return LiveTeachers(tuple(arguments.live_teachers))
    return read_teacher_scores(arguments.teachers, faces) if arguments.teachers else None


def _describe_run(run: Path, settings: Settings, start: str) -> str:
    if not (run / CHECKPOINT).exists():
        return f"{settings.architecture} starts from {start}; {settings.split} split"
    record = load_run_record(run / RUN_RECORD)
    return (
        f"{run} resumes after {len(record.log)} of {settings.epochs} epochs; it started from "
        f"{record.start}"
    )


def build_settings(arguments: argparse.Namespace, defaults: Settings) -> Settings:
    """Return `defaults` with what was given on the command line."""
    given = {name: getattr(arguments, name) for name in COMMAND_LINE_SETTINGS}
    given = {name: value for name, value in given.items() if value is not None}
    return Settings(**{**vars(defaults), **given})


def _get_default_start(architecture: str) -> str:
    return IMAGENET_START if IMAGENET[architecture] else SCRATCH


def restart_with_large_malloc_blocks() -> None:
    """Restart this program with glibc set to reuse large blocks, which halves a step's time."""
    if any(name not in os.environ for name in MALLOC):
        limits = {name: str(2**30) for name in MALLOC}
        os.execve(  # noqa: S606 - the same program and arguments
            sys.executable, [sys.executable, *sys.orig_argv[1:]], {**limits, **os.environ}
        )


def teach_command(arguments: argparse.Namespace) -> None:
    restart_with_large_malloc_blocks()
    faces = load_faces(arguments)
    scores = predict_with_teachers(faces, arguments.runs)
    write_teacher_scores(scores, faces, arguments.scores)
    count = len(faces.images)
    print(f"{arguments.scores}: scores of {len(arguments.runs)} teachers for {count} faces")


def average_command(arguments: argparse.Namespace) -> None:
    record = average_checkpoints(load_faces(arguments), arguments.runs, arguments.run)
    selected = ", ".join(map(str, record.averaged))
    print(f"{arguments.run}: {selected}; left out: {', '.join(record.left_out) or 'none'}")
    print("validation loss of both heads with flip TTA and fitted temperatures:")
    if loss := record.averaging_loss:
        for name, value in [("average", loss.average), *loss.candidates.items()]:
            print(f"  {name:34} {value:.4f}")


def soup_command(arguments: argparse.Namespace) -> None:
    print("soup is renamed; use average with the same options", file=sys.stderr)
    average_command(arguments)


def runs_command(arguments: argparse.Namespace) -> None:
    folders = Folders(arguments.folder, arguments.records)
    if arguments.go:
        run_experiments(folders, arguments.only, arguments.nice)
    print(list_states(folders))


def keep_command(arguments: argparse.Namespace) -> None:
    for path in store_run(arguments.run, arguments.records):
        print(f"{path}: commit it")


def restore_command(arguments: argparse.Namespace) -> None:
    restore_run(arguments.run, arguments.records, arguments.weights)
    print(f"{arguments.run}: from the released weights, rounded to fp16")


def parse_stage(text: str) -> tuple[int, int]:
    """Parse "64x5": five epochs at 64 pixels."""
    side, _, epochs = text.partition("x")
    if not (side.isdigit() and epochs.isdigit() and int(side) >= 32 and int(epochs) > 0):
        raise argparse.ArgumentTypeError(f"{text!r} is not a stage; write PIXELSxEPOCHS, as 64x5")
    return int(side), int(epochs)


def parse_non_negative(text: str) -> float:
    value = _parse_float(text)
    if not 0 <= value < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of at least 0")
    return value


def parse_niceness(text: str) -> int:
    if not re.fullmatch(r"-?1?\d", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a niceness from -19 to 19")
    return int(text)


def _parse_float(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return -1.0


SETTINGS_OPTIONS: dict[str, tuple[Callable[[str], float], str]] = {
    "batch_size": (parse_positive_count, "faces per step, shared among the processes"),
    "learning_rate": (parse_non_negative, "peak of the one-cycle schedule"),
    "warm_up": (parse_share, "share of all steps in which the learning rate rises"),
    "weight_decay": (parse_non_negative, "weight decay of AdamW"),
    "fer7_weight": (
        parse_non_negative,
        "weight of the FER2013 head's loss; the FER+ head has weight 1",
    ),
    "mixup_share": (parse_share, "share of the batches with mixup"),
    "cutmix_share": (parse_share, "share of the batches with CutMix"),
    "camera_share": (parse_share, "share of the faces with effects of real cameras and rooms"),
    "balance": (parse_non_negative, "power of the inverse class frequency that weights faces"),
    "teacher_share": (parse_share, "share of the teachers in the targets of distillation"),
    "sam_radius": (parse_non_negative, "radius of sharpness-aware minimisation; 0: off"),
    "average_decay": (parse_share, "decay of the exponential moving average of the weights"),
    "patience": (parse_count, "epochs without a lower loss before early stopping; 0: off"),
    "seed": (parse_count, "seed of initial weights, batches and augmentation"),
    "processes": (parse_positive_count, "number of training processes, of one thread each"),
}
"""Options of `train` that are settings, by name."""


def add_train_commands(commands: Commands, shared: argparse.ArgumentParser) -> None:
    _add_train(commands.add_parser("train", parents=[shared], help="train, or resume training"))

    command = commands.add_parser("teach", parents=[shared], help="trained runs' scores as targets")
    command.add_argument(
        "--runs", type=Path, nargs="+", required=True, help="folders of the teachers' runs"
    )
    command.add_argument("--scores", type=Path, required=True, help="npz file to write")
    command.set_defaults(command=teach_command)

    for name, function, text in (
        ("average", average_command, "average the weights of runs (checkpoint averaging)"),
        ("soup", soup_command, "former name of average"),
    ):
        command = commands.add_parser(name, parents=[shared], help=text)
        command.add_argument(
            "--runs", type=Path, nargs="+", required=True, help="runs with the same start"
        )
        command.add_argument("--run", type=Path, required=True, help="folder of the average")
        command.set_defaults(command=function)

    command = commands.add_parser("runs", help="list the experiments; --go runs them")
    command.add_argument("--go", action="store_true", help="run what is not done, one at a time")
    command.add_argument("--only", nargs="+", default=[], metavar="RUN")
    command.add_argument(
        "--nice",
        type=parse_niceness,
        default=0,
        help="niceness to add, on Linux also to the autogroup",
    )
    command.add_argument("--folder", type=Path, default=Path("runs"))
    command.add_argument("--records", type=Path, default=RECORDS)
    command.set_defaults(command=runs_command)

    command = commands.add_parser(
        "keep", help="store a finished run's record and results in the repository"
    )
    command.add_argument("--run", type=Path, required=True)
    command.add_argument("--records", type=Path, default=RECORDS)
    command.set_defaults(command=keep_command)

    command = commands.add_parser("restore", help="restore a lost run from released weights")
    command.add_argument(
        "--run", type=Path, required=True, help="folder to create, named like the run"
    )
    command.add_argument("--records", type=Path, default=RECORDS)
    command.add_argument(
        "--weights",
        type=Path,
        default=WEIGHTS,
        help="released weights, also of an earlier revision",
    )
    command.set_defaults(command=restore_command)


def _add_train(command: argparse.ArgumentParser) -> None:
    command.add_argument("--run", type=Path, required=True, help="folder of the run")
    command.add_argument("--architecture", choices=TRAINABLE)
    command.add_argument(
        "--start",
        "--from",
        dest="start",
        help=f"{IMAGENET_START} (default), {SCRATCH}, {RELEASED}, or a checkpoint's path",
    )
    command.add_argument("--split", choices=SPLITS)
    command.add_argument("--stages", type=parse_stage, nargs="+", help="PIXELSxEPOCHS, in order")
    command.add_argument(
        "--eyes",
        type=Path,
        help="eye positions written by eyes --faces-out; half of the pictures are aligned",
    )
    teachers = command.add_mutually_exclusive_group()
    teachers.add_argument("--teachers", type=Path, help="scores written by teach")
    teachers.add_argument(
        "--live-teachers", type=Path, nargs="+", help="runs that predict every augmented batch"
    )
    for name, (kind, text) in SETTINGS_OPTIONS.items():
        command.add_argument(f"--{name.replace('_', '-')}", type=kind, help=text)
    command.add_argument(
        "--stem-stride",
        type=int,
        choices=(1, 2),
        help="stride of the first layer; 1 suits 48 pixels",
    )
    command.add_argument(
        "--low-augmentation-epochs",
        type=parse_count,
        help="number of last epochs with weaker augmentation",
    )
    command.add_argument(
        "--gentle-epochs",
        dest="low_augmentation_epochs",
        type=parse_count,
        action=RenamedOption,
        help="former name of --low-augmentation-epochs",
    )
    command.set_defaults(command=train_command)
