"""Draw the curves of hit rate over false hints per hour as SVG. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any, Final

WIDTH, HEIGHT = 360, 300
LEFT, RIGHT, TOP, BOTTOM = 46, 12, 34, 44
MAX_FALSE_PER_HOUR: Final = 3.0
CURVES: Final[Mapping[str, tuple[str, str]]] = {
    "fused": ("#0b6e4f", ""),
    "interaction only": ("#1f4e9c", "6 3"),
    "first session": ("#6b4fa0", "4 2 1 2"),
    "face only": ("#9a6a00", "2 3"),
    "counter family": ("#a3243b", "10 3 2 3"),
    "informed filter": ("#777", "1 2"),
}
"""Colour and dashes by policy; dashes tell the curves apart without colour."""
COMPARED_RATE: Final = 0.5


def draw_curves(generators: Sequence[Mapping[str, Any]]) -> str:
    """Return an SVG with one panel for each result of a generator."""
    highest = max(
        point["hit_rate"]
        for generator in generators
        for policy in generator["policies"]
        for point in policy["curve"]
        if point["false_per_hour"] <= MAX_FALSE_PER_HOUR
    )
    top = max(0.2, (int(highest * 10) + 1) / 10)
    panels = [
        f'<g transform="translate({number * WIDTH} 0)">{"".join(_draw_panel(one, top))}</g>'
        for number, one in enumerate(generators)
    ]
    legend = "".join(_draw_legend())
    width = WIDTH * len(generators)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {HEIGHT + 30}" role="img" '
        'font-family="sans-serif" font-size="11" fill="#222">'
        "<title>Hit rate over false hints per learner-hour</title>"
        f'<rect width="{width}" height="{HEIGHT + 30}" fill="#fff"/>'
        f"{''.join(panels)}{legend}</svg>\n"
    )


def _draw_panel(generator: Mapping[str, Any], top: float) -> Iterator[str]:
    title = f"{generator['name']}, face AUC {generator['face_auc']:g}"
    yield f'<text x="{LEFT}" y="20" font-size="13">{escape(title)}</text>'
    yield from _draw_axes(top)
    for policy in generator["policies"]:
        if policy["name"] in CURVES:
            colour, dashes = CURVES[policy["name"]]
            yield _draw_line(list_points(policy["curve"]), top, colour, dashes)
    default = next(one for one in generator["policies"] if one["name"] == "default")
    if default["false_per_hour"] <= MAX_FALSE_PER_HOUR and default["hit_rate"] is not None:
        x, y = _place(default["false_per_hour"], default["hit_rate"], top)
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="none" stroke="#000"/>'


def list_points(curve: Sequence[Mapping[str, float]]) -> list[tuple[float, float]]:
    """Return the points from the origin up to the end of the axis, cut there."""
    points = [(0.0, 0.0)]
    for point in curve:
        x, y = point["false_per_hour"], point["hit_rate"]
        if x > MAX_FALSE_PER_HOUR:
            last_x, last_y = points[-1]
            share = (MAX_FALSE_PER_HOUR - last_x) / (x - last_x)
            points.append((MAX_FALSE_PER_HOUR, last_y + share * (y - last_y)))
            break
        points.append((x, y))
    return points


def _draw_axes(top: float) -> Iterator[str]:
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
    for step in range(round(top * 10) + 1):
        y = _place(0, step / 10, top)[1]
        yield f'<path d="M{LEFT} {y:.1f}H{right}" stroke="#ddd"/>'
        yield f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{step * 10} %</text>'
    for step in range(7):
        x = _place(step / 2, 0, top)[0]
        yield f'<text x="{x:.1f}" y="{bottom + 15}" text-anchor="middle">{step / 2:g}</text>'
    x = _place(COMPARED_RATE, 0, top)[0]
    yield f'<path d="M{x:.1f} {TOP}V{bottom}" stroke="#999" stroke-dasharray="2 2"/>'
    yield f'<path d="M{LEFT} {TOP}V{bottom}H{right}" fill="none" stroke="#222"/>'
    middle = (LEFT + right) / 2
    yield f'<text x="{middle}" y="{bottom + 32}" text-anchor="middle">false hints per hour</text>'


def _draw_line(points: Sequence[tuple[float, float]], top: float, colour: str, dashes: str) -> str:
    path = "L".join(f"{x:.1f} {y:.1f}" for x, y in (_place(*point, top) for point in points))
    return (
        f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2" '
        f'stroke-dasharray="{dashes}"/>'
    )


def _place(false_per_hour: float, hit_rate: float, top: float) -> tuple[float, float]:
    """Return the position of a point in the panel, in pixels."""
    x = LEFT + false_per_hour / MAX_FALSE_PER_HOUR * (WIDTH - LEFT - RIGHT)
    return x, HEIGHT - BOTTOM - hit_rate / top * (HEIGHT - TOP - BOTTOM)


def _draw_legend() -> Iterator[str]:
    for number, (name, (colour, dashes)) in enumerate(CURVES.items()):
        x, y = 20 + 116 * number, HEIGHT + 12
        yield (
            f'<path d="M{x} {y}h30" stroke="{colour}" stroke-dasharray="{dashes}"/>'
            f'<text x="{x + 36}" y="{y + 4}">{escape(name)}</text>'
        )
