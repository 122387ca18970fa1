"""What an image holds: its size, and files that have no place in it."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

COMPILERS = re.compile(
    r"(cc|c\+\+|cpp|gcc|g\+\+|clang(\+\+)?|tcc|ld|as|make|cmake|go|rustc|cargo|nvcc|gfortran|javac"
    r"|node|npm)(-\d+)?$"
)
TESTS = re.compile(r"(^|/)tests?(/|$)|(^|/)(test_[^/]*|[^/]*_test|conftest)\.py$")
BENCHMARKS = re.compile(r"(^|/)bench(marks?)?(/|\.pyc?$)|(^|/)bench_[^/]*\.py$|(^|/)simulate\.py$")
RUN_TIME_TEST_TOOLS = ("django/test/", "django/core/management/commands/test.py")
"""Parts of Django that are named test and are imported by the product."""


def measure_mb(root: Path) -> int:
    return round(sum(path.lstat().st_size for path in _iterate_files(root)) / 1e6)


def list_unwanted(root: Path) -> list[str]:
    """Return compilers, tests and benchmarks below `root`."""
    return [
        str(path.relative_to(root)) for path in _iterate_files(root) if _is_unwanted(path, root)
    ]


def _is_unwanted(path: Path, root: Path) -> bool:
    if os.access(path, os.X_OK) and path.parent.name in ("bin", "sbin"):
        return bool(COMPILERS.fullmatch(path.name))
    name = str(path.relative_to(root))
    if not name.startswith(("srv/", "opt/")) or any(part in name for part in RUN_TIME_TEST_TOOLS):
        return False
    return bool(TESTS.search(name) or BENCHMARKS.search(name))


def _iterate_files(root: Path) -> Iterator[Path]:
    for folder, _, names in os.walk(root):
        for name in names:
            path = Path(folder, name)
            if path.is_file() or path.is_symlink():
                yield path
