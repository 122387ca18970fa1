"""Read docker-compose.yml as Docker Compose does, as far as this file uses it."""

import re
from pathlib import Path
from typing import Any

import yaml

COMPOSE_FILE = Path(__file__).resolve().parents[3] / "docker-compose.yml"
Service = dict[str, Any]


def read_compose() -> dict[str, Any]:
    compose: dict[str, Any] = yaml.safe_load(COMPOSE_FILE.read_text(encoding="utf-8"))
    return compose


def substitute(text: str, values: dict[str, str]) -> str:
    """Substitute ${NAME:-default} and ${NAME:?message}."""
    return re.sub(
        r"\$\{(\w+)(?::(.)([^}]*))?\}",
        lambda m: values.get(m[1], m[3] if m[2] == "-" else ""),
        text,
    )


def get_list(service: Service, name: str, values: dict[str, str]) -> list[str]:
    return [substitute(part, values) for part in service.get(name, [])]


def get_environment(service: Service, values: dict[str, str]) -> dict[str, str]:
    return {
        name: substitute(str(value), values)
        for name, value in service.get("environment", {}).items()
    }
