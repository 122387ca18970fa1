"""The console command `fer-lms`: starts a process of the installation, or a management command."""

import argparse
import os
import sys
from collections.abc import Mapping
from typing import NoReturn

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import OperationalError, ProgrammingError

from fer_lms.environment import replace_renamed_command
from fer_lms.processes import (
    ENVIRONMENT,
    FRAMES_ENVIRONMENT,
    WORKER_QUEUES,
    build_beat_command,
    build_web_command,
    build_worker_command,
)
from fer_lms.queues import FRAMES
from inference.command_line import add_examples, parse_port, parse_positive_count, run_program

PROCESSES = ("web", "worker", "beat", "fetch-models")


def main() -> int:
    """Entry point of `fer-lms`."""
    if "--traceback" in sys.argv:
        return run_command_line(sys.argv[1:])
    return run_program("fer-lms", lambda: run_command_line(sys.argv[1:]))


def run_command_line(arguments: list[str]) -> int:
    if not arguments or arguments[0] in (*PROCESSES, "-h", "--help"):
        return start_process(arguments)
    command = arguments[0].replace("-", "_") if arguments[0][0] != "-" else arguments[0]
    return run_management(["fer-lms", command, *arguments[1:]])


def run_management(argv: list[str]) -> int:
    """Run a management command; what the settings or the database lack is one line."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fer_lms.settings")
    check_settings()
    try:
        execute_from_command_line(replace_renamed_command(argv))
    except (OperationalError, ProgrammingError) as error:
        if "--traceback" in argv:
            raise
        sys.exit(
            f"Database error: {error}\n"
            "Run `manage.py migrate` to prepare the database, `manage.py doctor` to list what is "
            "missing."
        )
    return 0


def check_settings() -> None:
    """Read the settings; exit with one line where they are invalid."""
    try:
        settings.INSTALLED_APPS  # noqa: B018 - reads them
    except (ImproperlyConfigured, ValueError) as error:
        sys.exit(f"Invalid settings in the environment variables: {error}")


def start_process(arguments: list[str]) -> NoReturn:
    """Replace this process by one of the installation's processes."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fer_lms.settings")
    parser = build_parser()
    options = parser.parse_args(arguments)
    if options.process is None:
        parser.print_help()
        sys.exit(2)
    check_settings()
    if options.process == "web":
        execute(build_web_command(f"--host={options.host}", f"--port={options.port}"))
    if options.process == "worker":
        processes = options.processes or settings.DRAINS
        command = build_worker_command(options.queue, frame_processes=processes)
        execute(command, FRAMES_ENVIRONMENT if options.queue == FRAMES else {})
    if options.process == "beat":
        execute(build_beat_command(options.schedule or str(settings.VAR_DIR / "beat-schedule")))
    execute(["inference", "fetch-models"])


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="fer-lms",
        description="Starts a process of the installation, or runs a management command: migrate, "
        "install-check, doctor, createsuperuser, …; `fer-lms help` lists them.",
    )
    processes = parser.add_subparsers(dest="process", metavar="PROCESS")
    web = processes.add_parser("web", help="pages, REST and sockets")
    web.add_argument("--host", default="127.0.0.1")
    web.add_argument("--port", type=parse_port, default=8000)
    worker = processes.add_parser("worker", help="a worker of one queue")
    worker.add_argument("queue", choices=WORKER_QUEUES)
    worker.add_argument(
        "--processes", type=parse_positive_count, help="of the frames worker; default: FER_DRAINS"
    )
    beat = processes.add_parser("beat", help="the schedule; exactly one")
    beat.add_argument("--schedule", help="file of the last runs; default: in FER_VAR_DIR")
    processes.add_parser("fetch-models", help="downloads the face model and checks its sha256")
    add_examples(
        parser,
        "fer-lms web --host 0.0.0.0 --port 8000",
        "fer-lms worker frames --processes 2",
        "fer-lms worker aggregation",
        "fer-lms beat",
        "fer-lms fetch-models",
        exit_1="invalid settings, or a management command failed",
    )
    return parser


def execute(command: list[str], environment: Mapping[str, str] | None = None) -> NoReturn:
    """Replace this process: signals reach the new one, which has its variables from its start."""
    variables = {**ENVIRONMENT, **os.environ, **(environment or {})}
    os.execve(sys.executable, [sys.executable, "-m", *command], variables)  # noqa: S606 - our own


if __name__ == "__main__":
    sys.exit(main())
