"""train, teach, soup, runs, keep, restore: what takes hours, and what keeps its outcome."""

import argparse
import os
import sys
from dataclasses import fields
from pathlib import Path

from inference.expressions import WEIGHTS
from inference.training.cli.data_commands import Commands, eyes_of, faces_of
from inference.training.data.dataset import FaceDataset
from inference.training.data.splits import SPLITS
from inference.training.errors import BadData
from inference.training.networks.initial_weights import IMAGENET, IMAGENET_START, RELEASED, SCRATCH
from inference.training.networks.registry import ARCHITECTURES
from inference.training.records import RUN_RECORD, kept_record, read_json, write_json
from inference.training.release.driver import RECORDS, Places, go, listing
from inference.training.release.restore import restore
from inference.training.report.lineage import soup_parts
from inference.training.settings import Settings
from inference.training.train.adapt import ADAPTATION, held_out_report
from inference.training.train.checkpoint_averaging import cook
from inference.training.train.teachers import LiveTeachers, ask_teachers, read_scores, write_scores
from inference.training.train.training import CHECKPOINT, MALLOC, AnyTeachers, train

FROM_COMMAND_LINE = {
    field.name for field in fields(Settings) if field.name not in ("split_seed", "validation_share")
}


def train_run(arguments: argparse.Namespace) -> None:
    with_large_blocks_kept()
    adapts = arguments.start == RELEASED and arguments.data
    settings = settings_of(arguments, ADAPTATION if adapts else Settings())
    start = arguments.start or _usual_start(settings.architecture)
    faces = faces_of(arguments)
    teachers = _teachers(arguments, faces)
    if settings.teacher_share and teachers is None:
        raise BadData(
            "--teacher-share needs --teachers, the file that teach wrote, or --live-teachers, runs"
        )
    print(_what_it_does(arguments.run, settings, start))
    train(faces, settings, arguments.run, start, eyes_of(arguments.eyes, faces), teachers)
    if adapts:
        print(held_out_report(arguments.run, faces, settings))


def _teachers(arguments: argparse.Namespace, faces: FaceDataset) -> AnyTeachers | None:
    if arguments.live_teachers:
        return LiveTeachers(tuple(arguments.live_teachers))
    return read_scores(arguments.teachers, faces) if arguments.teachers else None


def _what_it_does(run: Path, settings: Settings, start: str) -> str:
    if not (run / CHECKPOINT).exists():
        return f"{settings.architecture} starts from {start}; {settings.split} split"
    record = read_json(run / RUN_RECORD)
    return (
        f"{run} goes on after {len(record['log'])} of {settings.epochs} epochs; it started from "
        f"{record['start']}"
    )


def settings_of(arguments: argparse.Namespace, usual: Settings) -> Settings:
    """`usual`, but for what was given on the command line."""
    given = {
        name: value for name in FROM_COMMAND_LINE if (value := getattr(arguments, name)) is not None
    }
    return Settings(**{**vars(usual), **given})


def _usual_start(architecture: str) -> str:
    return IMAGENET_START if IMAGENET[architecture] else SCRATCH


def with_large_blocks_kept() -> None:
    """Start this program again with glibc told to keep large blocks, which halves a step's time."""
    if any(name not in os.environ for name in MALLOC):
        kept = {name: str(2**30) for name in MALLOC}
        os.execve(  # noqa: S606 - the same program and arguments
            sys.executable, [sys.executable, *sys.orig_argv[1:]], {**kept, **os.environ}
        )


def teach(arguments: argparse.Namespace) -> None:
    with_large_blocks_kept()
    faces = faces_of(arguments)
    write_scores(ask_teachers(faces, arguments.runs), faces, arguments.scores)
    print(
        f"what {len(arguments.runs)} teachers say of {len(faces.images)} faces: {arguments.scores}"
    )


def soup(arguments: argparse.Namespace) -> None:
    record = cook(faces_of(arguments), arguments.runs, arguments.run)
    taken = ", ".join(soup_parts(record))
    loss = record["loss_as_released"]
    print(f"{arguments.run}: {taken}; left out: {', '.join(record['left_out']) or 'none'}")
    print("loss on the validation part, both heads, in two looks, temperatures fitted:")
    for name, of_one in [("soup", loss["soup"]), *loss["alone"].items()]:
        print(f"  {name:20} {of_one:.4f}")


def runs(arguments: argparse.Namespace) -> None:
    places = Places(arguments.folder, arguments.records)
    if arguments.go:
        go(places, arguments.only, arguments.nice)
    print(listing(places))


def keep(arguments: argparse.Namespace) -> None:
    path = arguments.records / f"{arguments.run.name}.json"
    arguments.records.mkdir(parents=True, exist_ok=True)
    write_json(path, kept_record(arguments.run))
    print(f"{path}: commit it")


def restore_run(arguments: argparse.Namespace) -> None:
    restore(arguments.run, arguments.records, arguments.weights)
    print(f"{arguments.run}: from the released weights, which fp16 has rounded")


def stage(text: str) -> tuple[int, int]:
    """ "64x5": five epochs at 64 pixels."""
    side, _, epochs = text.partition("x")
    if not (side.isdigit() and epochs.isdigit() and int(side) >= 32 and int(epochs) > 0):
        raise argparse.ArgumentTypeError(f"{text!r} is no stage; write PIXELSxEPOCHS, as 64x5")
    return int(side), int(epochs)


def share(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 0 to 1")
    return value


def positive(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if value < 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 0 up")
    return value


def add_train_commands(commands: Commands, shared: argparse.ArgumentParser) -> None:
    command = commands.add_parser("train", parents=[shared], help="train, or go on training")
    command.add_argument("--run", type=Path, required=True, help="folder of the run")
    command.add_argument("--architecture", choices=ARCHITECTURES)
    command.add_argument(
        "--start",
        "--from",
        dest="start",
        help=f"{IMAGENET_START} (usual), {SCRATCH}, {RELEASED}, or a checkpoint's path",
    )
    command.add_argument("--split", choices=SPLITS)
    command.add_argument("--stages", type=stage, nargs="+", help="PIXELSxEPOCHS, in order")
    command.add_argument("--eyes", type=Path, help="what eyes --faces-out wrote: aligned looks too")
    taught = command.add_mutually_exclusive_group()
    taught.add_argument("--teachers", type=Path, help="what teach wrote")
    taught.add_argument(
        "--live-teachers", type=Path, nargs="+", help="runs that are asked in every step"
    )
    for name in ("mixup_share", "cutmix_share", "teacher_share", "average_decay", "warm_up"):
        command.add_argument(f"--{name.replace('_', '-')}", type=share)
    for name in ("learning_rate", "weight_decay", "fer7_weight", "balance", "sam_radius"):
        command.add_argument(f"--{name.replace('_', '-')}", type=positive)
    command.add_argument("--stem-stride", type=int, choices=(1, 2))
    for name in ("batch_size", "gentle_epochs", "patience", "seed", "processes"):
        command.add_argument(f"--{name.replace('_', '-')}", type=int)
    command.set_defaults(command=train_run)

    command = commands.add_parser("teach", parents=[shared], help="trained runs' scores as targets")
    command.add_argument("--runs", type=Path, nargs="+", required=True, help="teachers")
    command.add_argument("--scores", type=Path, required=True, help="npz to write")
    command.set_defaults(command=teach)

    command = commands.add_parser("soup", parents=[shared], help="the mean of runs' weights")
    command.add_argument("--runs", type=Path, nargs="+", required=True, help="from one start")
    command.add_argument("--run", type=Path, required=True, help="folder of the soup")
    command.set_defaults(command=soup)

    command = commands.add_parser("runs", help="the long runs that are due; --go does them")
    command.add_argument("--go", action="store_true", help="do what is left, one at a time")
    command.add_argument("--only", nargs="+", default=[], metavar="RUN")
    command.add_argument("--nice", type=int, default=0, help="12: yield to all else (Linux)")
    command.add_argument("--folder", type=Path, default=Path("runs"))
    command.add_argument("--records", type=Path, default=RECORDS)
    command.set_defaults(command=runs)

    command = commands.add_parser("keep", help="a finished run's record, for the repository")
    command.add_argument("--run", type=Path, required=True)
    command.add_argument("--records", type=Path, default=RECORDS)
    command.set_defaults(command=keep)

    command = commands.add_parser("restore", help="a lost run's folder, from released weights")
    command.add_argument("--run", type=Path, required=True, help="folder to make, named as the run")
    command.add_argument("--records", type=Path, default=RECORDS)
    command.add_argument(
        "--weights", type=Path, default=WEIGHTS, help="released weights, of an earlier revision too"
    )
    command.set_defaults(command=restore_run)
