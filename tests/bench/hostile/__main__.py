"""Read thousands of hostile frames and files, and count what must not happen.

    python -m tests.bench.hostile --frames 4000 --files 1000 --json

Deaths and hangs of the reading process, exceptions, items above one second of CPU, and the growth
of its memory; exit code 1 where a limit is exceeded.
"""

import argparse
import json
import sys

from inference.command_line import parse_count, run_program
from tests.bench.hostile.watching import MAX_GROWTH_MB, Result, watch


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.hostile", description=__doc__)
    parser.add_argument("--frames", type=parse_count, default=4000)
    parser.add_argument("--files", type=parse_count, default=1000)
    parser.add_argument("--seed", type=parse_count, default=0, help="number of the first item")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    results = {
        kind: watch(kind, options.seed, count)
        for kind, count in (("frames", options.frames), ("files", options.files))
        if count
    }
    if options.json:
        print(json.dumps({kind: result.as_dict() for kind, result in results.items()}, indent=1))  # noqa: T201
    else:
        for kind, result in results.items():
            print(_format(kind, result))  # noqa: T201
    return 0 if all(result.is_good for result in results.values()) else 1


def _format(kind: str, result: Result) -> str:
    outcomes = ", ".join(f"{name} {count}" for name, count in sorted(result.outcomes.items()))
    return (
        f"{result.count} {kind}: {_list(result.deaths)} deaths, {_list(result.hangs)} hangs, "
        f"{_list(list(result.errors))} errors, {_list(result.slow)} above 1 s of CPU (most: "
        f"{result.max_cpu_s} s), memory grew by {result.growth_mb} MB (at most {MAX_GROWTH_MB})\n"
        f"  {outcomes}"
    )


def _list(seeds: list[int]) -> str:
    """Return the number of items and the seeds that repeat them."""
    return f"{len(seeds)} ({', '.join(map(str, seeds[:5]))})" if seeds else "0"


if __name__ == "__main__":
    sys.exit(run_program("python -m tests.bench.hostile", main))
