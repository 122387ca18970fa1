"""Environment variables and commands: names of earlier releases that still work, unknown names.

A release that renames a published variable or command adds it to a `RENAMED_…` table here; the
entry is removed one release later.
"""

import json
import math
import re
import sys
import zoneinfo
from collections.abc import Collection, Iterable, Mapping, MutableMapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

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
        "FER_OPENAPI_CLIENT",
        "FER_RALPH",
        "FER_TEST_SERVERS",
    }
)
"""Variables `FER_…` that are read elsewhere than in the settings."""


FALSE_STRINGS = ("false", "off", "no", "n", "0", "")
HOST = re.compile(r"(\*\.)?[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*(:[0-9]{1,5})?")
LOG_LEVELS = ("CRITICAL", "ERROR", "WARNING", "INFO", "DEBUG")
REDIS_SCHEMES = ("redis", "rediss", "unix")


class Env(environ.Env):  # type: ignore[misc] # has no stubs
    """Read environment variables, check them, and collect their names.

    Every method raises ImproperlyConfigured with the variable's name. Values of addresses are not
    in the message: they may contain a password.
    """

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def get_value(self, var: str, *args: Any, **kwargs: Any) -> Any:
        self.names.add(var)
        return super().get_value(var, *args, **kwargs)

    def read_flag(self, name: str, *, default: bool) -> bool:
        value = self.str(name, default=str(default)).strip().lower()
        if value not in (*self.BOOLEAN_TRUE_STRINGS, *FALSE_STRINGS):
            raise ImproperlyConfigured(f"{name}: {value!r} is neither true nor false.")
        return value in self.BOOLEAN_TRUE_STRINGS

    def read_count(self, name: str, *, default: int, limits: tuple[int, int]) -> int:
        """Read a whole number within limits; an empty value is the default."""
        text = self.str(name, default="").strip() or str(default)
        value = int(text) if re.fullmatch(r"[0-9]{1,18}", text) else -1
        if not limits[0] <= value <= limits[1]:
            message = f"{name}: {text[:40]!r} is no whole number from {limits[0]} to {limits[1]}."
            raise ImproperlyConfigured(message)
        return value

    def read_log_level(self, name: str, *, default: str) -> str:
        value: str = self.str(name, default="").strip().upper() or default
        if value not in LOG_LEVELS:
            raise ImproperlyConfigured(
                f"{name}: {value[:40]!r} is none of {', '.join(LOG_LEVELS)}."
            )
        return value

    def read_address(self, name: str, *, schemes: Collection[str]) -> str:
        """Read an address without its last slash; empty where none is set."""
        value: str = self.str(name, default="").strip().rstrip("/")
        if value and not is_address(value, schemes=schemes):
            kinds = " or ".join(f"{scheme}://" for scheme in schemes)
            raise ImproperlyConfigured(f"{name} is no address that begins with {kinds}.")
        return value

    def read_hosts(self, name: str, *, default: list[str]) -> list[str]:
        hosts: list[str] = [host.strip() for host in self.list(name, default=default)]
        for host in hosts:
            if not HOST.fullmatch(host):
                raise ImproperlyConfigured(f"{name}: {host[:40]!r} is no name of a host.")
        return hosts

    def read_folder(self, name: str, *, default: Path) -> Path:
        """Read the path of a folder; an empty value is the default."""
        value: str = self.str(name, default="") or str(default)
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise ImproperlyConfigured(f"{name}: the path is no UTF-8 text.") from error
        return Path(value)

    def read_database(self, name: str, *, default: str) -> dict[str, Any]:
        try:
            config: dict[str, Any] = self.db_url_config(self.str(name, default="") or default)
        except ValueError:
            config = {}
        if not config.get("ENGINE") or not config.get("NAME"):
            message = f"{name} is no address such as postgres://user:password@host:5432/name."
            raise ImproperlyConfigured(message)
        return config

    def read_numbers(self, name: str) -> dict[str, float]:
        """Read a JSON object of numbers by name."""
        try:
            found = json.loads(self.str(name, default="") or "{}")
        except ValueError:
            found = None
        if not isinstance(found, dict) or not all(
            isinstance(number, int | float) and math.isfinite(number) for number in found.values()
        ):
            raise ImproperlyConfigured(f"{name} is no JSON object of numbers by name.")
        return found

    def read_time_zone(self, name: str, *, default: str) -> str:
        value: str = self.str(name, default=default)
        try:
            zoneinfo.ZoneInfo(value)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
            message = f"{name}: unknown time zone {value!r}; use a name such as Europe/Berlin."
            raise ImproperlyConfigured(message) from error
        return value


def is_address(text: str, *, schemes: Collection[str]) -> bool:
    """Return whether the text has one of the schemes, a host or path, and a number as its port."""
    if not re.fullmatch(f"({'|'.join(schemes)})://[!-~]+", text):
        return False
    try:
        parts = urlsplit(text)
        return bool(parts.hostname or parts.path) and parts.port != 0
    except ValueError:
        return False


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
