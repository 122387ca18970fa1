"""Environment variables and commands: names of earlier releases that still work, unknown names.

A release that renames a published variable or command adds it to a `RENAMED_…` table here; the
entry is removed one release later.
"""

import sys
from collections.abc import Collection, Iterable, Mapping, MutableMapping
from difflib import get_close_matches
from typing import Any

import environ

RENAMED_VARIABLES: dict[str, str] = {}
"""Old name to new name."""
RENAMED_COMMANDS: dict[str, str] = {}
"""Old management command to new one."""
OTHER_VARIABLES = frozenset(
    {
        "FER_DOMAIN",  # docker-compose.yml and the proxy
        "FER_UPSTREAM",
        "FER_MODEL",  # the package `inference`
        "FER_MODEL_DIR",
        "FER_WEIGHTS",
        "FER_DATA",  # training, tests and benchmarks
        "FER_MEDIA",
        "FER_MARKING_EXAMPLES",
        "FER_RALPH",
        "FER_TEST_SERVERS",
    }
)
"""Variables `FER_…` that are read elsewhere than in the settings."""


class Env(environ.Env):  # type: ignore[misc] # has no stubs
    """Read environment variables and collect their names."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def get_value(self, var: str, *args: Any, **kwargs: Any) -> Any:
        self.names.add(var)
        return super().get_value(var, *args, **kwargs)


def replace_renamed_variables(
    variables: MutableMapping[str, str], renamed: Mapping[str, str] | None = None
) -> None:
    """Give each variable its new name and print one line for it; a set new name has precedence.

    The old name is removed, so that child processes do not print the line again.
    """
    for old, new in (RENAMED_VARIABLES if renamed is None else renamed).items():
        if old in variables:
            variables.setdefault(new, variables.pop(old))
            print_deprecation(old, new)


def replace_renamed_command(
    argv: Iterable[str], renamed: Mapping[str, str] | None = None
) -> list[str]:
    """Return the command line with the new name of its command; print one line for an old name."""
    program, *arguments = argv
    names = RENAMED_COMMANDS if renamed is None else renamed
    if arguments and arguments[0] in names:
        print_deprecation(arguments[0], names[arguments[0]])
        arguments[0] = names[arguments[0]]
    return [program, *arguments]


def find_unknown_variables(
    variables: Iterable[str], known: Collection[str]
) -> dict[str, str | None]:
    """Map every variable `FER_…` that nothing reads to the most similar known name, if any."""
    unknown = sorted(name for name in variables if name.startswith("FER_") and name not in known)
    return {name: next(iter(get_close_matches(name, known, n=1)), None) for name in unknown}


def print_deprecation(old: str, new: str) -> None:
    """Print one line on stderr that names the successor of an old name."""
    print(f"{old} is deprecated and will be removed: use {new}.", file=sys.stderr)  # noqa: T201
