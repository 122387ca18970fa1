"""Hostile requests and sockets against a temporary installation on loopback, and their cost.

`scripts/attack-server` runs all of it and prints the result as JSON; a test runs the short form.
Progress goes to stderr. Hostile frames and files are read by a process of their own
(tests/bench/hostile), as by a worker.
"""

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

from inference.command_line import parse_positive_count, run_program
from tests.bench.attack.result import Result
from tests.bench.attack.running import Sizes, build_parts, run_attack
from tests.bench.hostile.watching import Result as HostileResult
from tests.bench.hostile.watching import watch
from tests.bench.temporary_stack import temporary_stack, wait_for_web

HOSTILE = {"frames": 4000, "files": 1000}
NAMES = (*build_parts(Sizes(), Path()), *HOSTILE)


def main() -> int:
    parser = argparse.ArgumentParser(prog="attack-server", description=__doc__)
    parser.add_argument("--schemathesis", type=Path, help="its program; left out without it")
    parser.add_argument(
        "--part", action="append", choices=NAMES, help="only this part; may be repeated"
    )
    parser.add_argument(
        "--max-examples",
        type=parse_positive_count,
        default=Sizes.examples,
        help="of schemathesis, for each operation and role",
    )
    parser.add_argument("--seed", type=parse_positive_count, default=1)
    options = parser.parse_args()
    chosen = options.part or NAMES
    started = time.monotonic()

    def progress(line: str) -> None:
        print(f"{time.monotonic() - started:5.0f} s  {line}", file=sys.stderr, flush=True)  # noqa: T201

    hostile = {}
    for kind in HOSTILE:
        if kind in chosen:
            hostile[kind] = watch(kind, options.seed * 100_000, HOSTILE[kind])
            progress(f"{kind}: {_describe(hostile[kind])}")
    available = build_parts(Sizes(examples=options.max_examples), options.schemathesis)
    parts = {name: run for name, run in available.items() if name in chosen}
    result = Result()
    if parts:
        with temporary_stack(frame_processes=1) as stack:
            stack.run_command("setup_demo")
            stack.start_web()
            wait_for_web(stack)
            result = run_attack(stack, parts, seed=options.seed, progress=progress)
    report: dict[str, Any] = dict(vars(result))
    report |= {kind: read.as_dict() for kind, read in hostile.items()}
    print(json.dumps(report, indent=1))  # noqa: T201
    return 0 if result.is_passed and all(read.is_good for read in hostile.values()) else 1


def _describe(result: HostileResult) -> str:
    return (
        f"{result.count} read, {len(result.deaths)} deaths, {len(result.hangs)} hangs, "
        f"{len(result.errors)} errors, at most {result.max_cpu_s:.2f} s of CPU, "
        f"{result.growth_mb} MB of growth"
    )


if __name__ == "__main__":
    sys.exit(run_program("attack-server", main))
