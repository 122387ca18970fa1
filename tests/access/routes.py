"""Every address that the product answers at, read from Django's own table."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True)
class Route:
    """`path` as urls.py writes it, with its includes put together."""

    path: str
    parameters: tuple[str, ...]
    methods: frozenset[str] | None
    """Those that a view's class has; None for a function, which only asking tells."""

    def address(self, values: dict[str, object]) -> str:
        """Raises KeyError for a parameter that nobody gave a value for."""
        path = self.path
        for name in self.parameters:
            path = re.sub(rf"(\(\?P)?<(\w+:)?{name}>([^/]*\))?", str(values[name]), path)
        return "/" + path


def all_routes(urlconf: str) -> list[Route]:
    return sorted(set(_routes(get_resolver(urlconf), "")), key=lambda route: route.path)


def _routes(resolver: URLResolver, prefix: str) -> Iterator[Route]:
    for each in resolver.url_patterns:
        path = prefix + _written(each)
        if isinstance(each, URLResolver):
            yield from _routes(each, path)
        else:
            yield Route(path, tuple(re.findall(r"<(?:\w+:)?(\w+)>", path)), _methods(each))


def _methods(each: URLPattern) -> frozenset[str] | None:
    view = getattr(each.callback, "cls", None) or getattr(each.callback, "view_class", None)
    if view is None:
        return None
    return frozenset(method for method in METHODS if hasattr(view, method.lower()))


def _written(each: URLPattern | URLResolver) -> str:
    """Regular expressions, which only Django's own applications use, without their anchors."""
    return str(each.pattern).removeprefix("^").removesuffix("$")
