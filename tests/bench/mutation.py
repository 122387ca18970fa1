"""pytest plugin of `scripts/mutate-guards`: runs tests on mutants of functions, one process each.

The packages are imported and the database is migrated once. Each mutant is a forked process that
replaces the code of one function and runs the tests of its group that call it until one fails.
"""

import ast
import contextlib
import faulthandler
import importlib
import inspect
import json
import os
import re
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, NoReturn

import pytest
from _pytest.runner import runtestprotocol
from django.db import connection, connections

ROOT = Path(__file__).resolve().parents[2]
MAX_TEST_S = 300
NOT_APPLIED = 3
POLL_INTERVAL_S = 0.05
PROGRESS_INTERVAL_S = 10.0
CONDITIONS = ("filter", "exclude", "get", "Q")
THRESHOLD = "min_group_size"


@dataclass(frozen=True)
class Group:
    """Guards of one module, and the tests that must fail without any of them.

    Attributes:
        functions: Names; all functions of the module where it is empty.
    """

    path: str
    functions: tuple[str, ...]
    tests: tuple[str, ...]


@dataclass(frozen=True)
class Mutant:
    """One changed function."""

    function: str
    """Qualified name in the module."""
    text: str
    code: CodeType

    @property
    def name(self) -> str:
        """The text without the number of the line."""
        return re.sub(r":\d+: ", ": ", self.text, count=1)


Function = ast.FunctionDef | ast.AsyncFunctionDef
Edit = tuple[ast.AST, str, object, str]
"""Node, field, new value, description."""


def list_mutants(group: Group) -> Iterator[Mutant]:
    """Yield a mutant for every guard of the functions of a group."""
    file = ROOT / group.path
    tree = ast.parse(file.read_text(encoding="utf-8"))
    functions = dict(_iterate_functions(tree, ""))
    names = {name.rsplit(".", 1)[-1] for name in functions}
    if missing := set(group.functions) - names:
        raise pytest.UsageError(f"{group.path} has no function {', '.join(sorted(missing))}")
    for name, function in functions.items():
        if group.functions and name.rsplit(".", 1)[-1] not in group.functions:
            continue
        for node in ast.walk(function):
            for target, field, value, text in _list_edits(node):
                original = getattr(target, field)
                setattr(target, field, value)
                code = _find_code(compile(tree, str(file), "exec"), name)
                setattr(target, field, original)
                line = getattr(node, "lineno", function.lineno)
                yield Mutant(name, f"{name}:{line}: {text.splitlines()[0]}", code)


def _iterate_functions(node: ast.AST, prefix: str) -> Iterator[tuple[str, Function]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Function):
            yield prefix + child.name, child
        elif isinstance(child, ast.ClassDef):
            yield from _iterate_functions(child, f"{prefix}{child.name}.")


def _list_edits(node: ast.AST) -> Iterator[Edit]:
    """Yield what the guard in this node may become."""
    if isinstance(node, ast.If) and isinstance(
        node.body[-1], ast.Return | ast.Raise | ast.Continue
    ):
        yield node, "test", _constant(False, node), f"if {ast.unparse(node.test)}: never"
    if isinstance(node, ast.BoolOp):
        for operand in node.values:
            rest = [value for value in node.values if value is not operand]
            rest = rest if len(rest) > 1 else rest * 2
            yield node, "values", rest, f"without {ast.unparse(operand)}"
    if isinstance(node, ast.Call) and _get_name(node) in CONDITIONS:
        for keyword in node.keywords:
            kept = [other for other in node.keywords if other is not keyword]
            text = f"without {keyword.arg}={ast.unparse(keyword.value)}"
            yield node, "keywords", kept, text
    if isinstance(node, ast.comprehension):
        for condition in node.ifs:
            kept_ifs = [other for other in node.ifs if other is not condition]
            yield node, "ifs", kept_ifs, f"without if {ast.unparse(condition)}"
    if isinstance(node, ast.Compare):
        yield from _list_lower_thresholds(node)
    if isinstance(node, ast.Return) and isinstance(node.value, ast.Compare):
        always = _constant(True, node)
        yield node, "value", always, f"always {ast.unparse(node.value)}"


def _list_lower_thresholds(compare: ast.Compare) -> Iterator[Edit]:
    """Yield each threshold of the comparison, lowered by one."""
    for number, operand in enumerate(compare.comparators):
        if THRESHOLD in {name.id for name in ast.walk(operand) if isinstance(name, ast.Name)}:
            lower = ast.fix_missing_locations(
                ast.copy_location(ast.BinOp(operand, ast.Sub(), ast.Constant(1)), operand)
            )
            operands = [*compare.comparators[:number], lower, *compare.comparators[number + 1 :]]
            yield compare, "comparators", operands, f"{ast.unparse(compare)}: one less"


def _constant(value: bool, place: ast.AST) -> ast.Constant:
    return ast.copy_location(ast.Constant(value), place)


def _get_name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _find_code(code: CodeType, name: str) -> CodeType:
    """Return the code of a function within that of its module."""
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            if constant.co_qualname == name:
                return constant
            if name.startswith(f"{constant.co_qualname}."):
                return _find_code(constant, name)
    raise LookupError(name)


def apply_mutant(group: Group, mutant: Mutant) -> None:
    """Replace the code of the function, wherever it was imported."""
    module = importlib.import_module(group.path.removesuffix(".py").replace("/", "."))
    found: Any = module
    for part in mutant.function.split("."):
        found = inspect.getattr_static(found, part)
    if hasattr(found, "cache_clear"):
        found.cache_clear()
    for attribute in ("fget", "func", "__func__"):
        found = getattr(found, attribute, None) or found
    inspect.unwrap(found).__code__ = mutant.code


class Database:
    """The test database after its migration, restored for each process."""

    def __init__(self) -> None:
        connections.close_all()
        self._path = Path(connection.settings_dict["NAME"])
        self._content = self._path.read_bytes()

    def restore(self) -> None:
        connections.close_all()
        for path in self._path.parent.glob(f"{self._path.name}*"):
            path.unlink()
        self._path.write_bytes(self._content)


class MutationRun:
    """Replaces the run of the tests by one run for each mutant."""

    def __init__(self, groups: dict[str, Group], equivalent: Mapping[str, str]) -> None:
        self.groups = groups
        self.equivalent = equivalent
        self.counts = {"mutants": 0, "survive": 0, "equivalent": 0}
        self._reported_at = 0.0

    def _report(self, line: str) -> None:
        """Write a line for somebody who waits, from time to time."""
        if time.monotonic() - self._reported_at > PROGRESS_INTERVAL_S:
            self._reported_at = time.monotonic()
            print(line, file=sys.stderr, flush=True)  # noqa: T201

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        faulthandler.cancel_dump_traceback_later()  # each mutant has a limit of its own
        started = time.monotonic()
        prepare(session.items)
        database = Database()
        for name, group in self.groups.items():
            self._run_group(session.items, group, database)
            print(f"{name}: {self.counts}, {time.monotonic() - started:.0f} s", flush=True)  # noqa: T201
        session.testsfailed = self.counts["survive"]
        return True

    def _run_group(self, items: list[pytest.Item], group: Group, database: Database) -> None:
        own = [item for item in items if item.nodeid.startswith(group.tests)]
        callers = find_callers(own, group, database)
        if callers is None:
            raise pytest.UsageError(f"{group.path}: the tests fail without a mutant")
        mutants = list(list_mutants(group))
        for number, mutant in enumerate(mutants, start=1):
            self._report(f"{group.path}: mutant {number} of {len(mutants)}, {self.counts}")
            covering = callers.get(mutant.function, [])
            survives = not covering or passes(covering, group, mutant, database)
            is_equivalent = survives and mutant.name in self.equivalent
            self.counts["mutants"] += 1
            self.counts["equivalent"] += is_equivalent
            self.counts["survive"] += survives and not is_equivalent
            if survives and not is_equivalent:
                print(f"SURVIVES {group.path} {mutant.text}", flush=True)  # noqa: T201


def prepare(items: list[pytest.Item]) -> None:
    """Run one test: it migrates the database and loads what every test needs."""
    first = next(item for item in items if _uses_a_transaction(item))
    others = [item for item in items if item is not first]
    # The next item decides which folders stay set up: only those that all items share.
    following = min(others, key=lambda item: len(set(item.listchain()) & set(first.listchain())))
    if not _passes(first, following):
        raise pytest.UsageError(f"{first.nodeid} fails")


def _uses_a_transaction(item: pytest.Item) -> bool:
    mark = item.get_closest_marker("django_db")
    return mark is not None and not mark.kwargs.get("transaction")


def find_callers(
    items: list[pytest.Item], group: Group, database: Database
) -> dict[str, list[pytest.Item]] | None:
    """Run all tests without a mutant.

    Returns:
        The tests that call each function of the group's module, shortest first; None if one fails.
    """
    database.restore()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        _run_child(lambda: _write_callers(items, group, writing))
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        written = pipe.read()
    if _wait(child) != 0:
        return None
    callers: dict[str, list[pytest.Item]] = {}
    for _, number, names in sorted(json.loads(written)):
        for name in names:
            callers.setdefault(name, []).append(items[number])
    return callers


def _write_callers(items: list[pytest.Item], group: Group, pipe: int) -> bool:
    path, called, rows = str(ROOT / group.path), set[str](), []

    def record(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and frame.f_code.co_filename == path:
            called.add(frame.f_code.co_qualname)

    threading.setprofile(record)
    for number, (item, following) in enumerate(_pair(items)):
        called.clear()
        started = time.monotonic()
        sys.setprofile(record)
        has_passed = _passes(item, following)
        sys.setprofile(None)
        if not has_passed:
            return False
        rows.append((time.monotonic() - started, number, sorted(called)))
    with os.fdopen(pipe, "wb") as file:
        file.write(json.dumps(rows).encode())
    return True


def passes(items: list[pytest.Item], group: Group, mutant: Mutant, database: Database) -> bool:
    """Return whether every test passes, in a process of its own and within the limit."""
    database.restore()
    child = os.fork()
    if child == 0:
        _run_child(lambda: _pass_mutated(items, group, mutant))
    code = _wait(child)
    if code == NOT_APPLIED:
        raise pytest.UsageError(f"no mutant: {mutant.text}")
    return code == 0


def _pass_mutated(items: list[pytest.Item], group: Group, mutant: Mutant) -> bool:
    try:
        apply_mutant(group, mutant)
    except Exception:  # whatever the reason, the parent reports that this mutant does not apply
        os._exit(NOT_APPLIED)
    return all(_passes(item, following) for item, following in _pair(items))


def _run_child(run: Callable[[], bool]) -> NoReturn:
    os.setpgid(0, 0)
    code = 1
    try:
        null = os.open(os.devnull, os.O_RDWR)
        os.dup2(null, 1)
        os.dup2(null, 2)
        code = 0 if run() else 1
    finally:
        os._exit(code)


def _pair(items: list[pytest.Item]) -> list[tuple[pytest.Item, pytest.Item]]:
    """Return each test and the one after it, which decides what stays set up."""
    return list(zip(items, [*items[1:], items[-1]], strict=True))


def _passes(item: pytest.Item, following: pytest.Item) -> bool:
    reports = runtestprotocol(item, nextitem=following, log=False)
    return not any(report.failed for report in reports)


def _wait(child: int) -> int:
    deadline = time.monotonic() + MAX_TEST_S
    while time.monotonic() < deadline:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            _kill_group(child)  # servers that a test started
            return os.waitstatus_to_exitcode(status)
        time.sleep(POLL_INTERVAL_S)
    _kill_group(child)
    os.waitpid(child, 0)
    return 1


def _kill_group(group: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)
