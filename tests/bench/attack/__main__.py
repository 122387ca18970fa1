"""Hostile requests and sockets against a temporary installation on loopback, and their cost.

`scripts/attack-server` runs all of it and prints the result as JSON; a test runs the short form.
Hostile frames and files are read by a process of their own (tests/bench/hostile), as by a worker.
"""

import argparse
import json
import sys
from dataclasses import asdict

from inference.command_line import parse_positive_count
from tests.bench.attack.request_sender import Attack
from tests.bench.attack.running import run_attack
from tests.bench.attack.schemathesis import run_schemathesis
from tests.bench.hostile.watching import watch
from tests.bench.temporary_stack import temporary_stack, wait_for_web

HOSTILE = {"frames": 4000, "files": 1000}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--schemathesis", help="path of the program; left out without it")
    parser.add_argument(
        "--max-examples", type=parse_positive_count, default=20, help="of each operation and role"
    )
    options = parser.parse_args()
    with temporary_stack(frame_processes=1) as stack:
        stack.run_command("setup_demo")
        stack.start_web()
        wait_for_web(stack)
        result = run_attack(stack, requests=432, uploads=100, offences=100, share=1.0, pages=150)
        if options.schemathesis:
            attack = Attack(stack, seed=1)
            attack.enter()
            run_schemathesis(attack, options.schemathesis, options.max_examples)
            result.failures += attack.result.failures
    hostile = {kind: watch(kind, 0, count) for kind, count in HOSTILE.items()}
    report = asdict(result) | {kind: read.as_dict() for kind, read in hostile.items()}
    print(json.dumps(report, indent=2))  # noqa: T201
    return 0 if result.is_passed and all(read.is_good for read in hostile.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
