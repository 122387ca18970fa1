"""Lists every route from Django's URL configuration."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True)
class Route:
    """A route; `path` as in urls.py, including prefixes."""

    path: str
    parameters: tuple[str, ...]
    methods: frozenset[str] | None
    """The methods of a class-based view; None for a function view."""

    def address(self, values: dict[str, object]) -> str:
        """Fill in parameters; raise KeyError for a missing value."""
        path = self.path
        for name in self.parameters:
            path = re.sub(rf"(\(\?P)?<(\w+:)?{name}>([^/]*\))?", str(values[name]), path)
        return "/" + path


def all_routes(urlconf: str) -> list[Route]:
    return sorted(set(_routes(get_resolver(urlconf), "")), key=lambda route: route.path)


def _routes(resolver: URLResolver, prefix: str) -> Iterator[Route]:
    for pattern in resolver.url_patterns:
        path = prefix + _written(pattern)
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern, path)
        else:
            yield Route(path, tuple(re.findall(r"<(?:\w+:)?(\w+)>", path)), _methods(pattern))


def _methods(pattern: URLPattern) -> frozenset[str] | None:
    view = getattr(pattern.callback, "cls", None) or getattr(pattern.callback, "view_class", None)
    if view is None:
        return None
    return frozenset(method for method in METHODS if hasattr(view, method.lower()))


def _written(pattern: URLPattern | URLResolver) -> str:
    """Return the pattern without regular-expression anchors."""
    return str(pattern.pattern).removeprefix("^").removesuffix("$")
