"""Render reports from the Jinja2 templates in `templates/`; an undefined value is an error."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

Interval = Sequence[float] | None
"""Lower and upper bound; None where nothing could be estimated."""


def render(template: str, **values: Any) -> str:
    """Render the template with this file name."""
    return ENVIRONMENT.get_template(template).render(values)


def format_estimate(value: float, interval: Interval = None, digits: int = 3) -> str:
    """Format a value with its interval, if any: `0.876 [0.864, 0.887]`."""
    if not interval:
        return f"{value:.{digits}f}"
    return f"{value:.{digits}f} [{interval[0]:.{digits}f}, {interval[1]:.{digits}f}]"


def format_percent(value: float, interval: Interval = None, digits: int = 1) -> str:
    """Format a share from 0 to 1 in per cent, like `format_estimate`."""
    scaled = [100 * bound for bound in interval] if interval else None
    return format_estimate(100 * value, scaled, digits)


def format_percent_interval(interval: Sequence[float]) -> str:
    return f"[{100 * interval[0]:.1f}, {100 * interval[1]:.1f}]"


def format_metric(metrics: Mapping[str, Any], name: str, digits: int = 3) -> str:
    """Format a metric with its 95 % interval."""
    return format_estimate(metrics[name], metrics["interval_95"].get(name), digits)


def format_metric_percent(metrics: Mapping[str, Any], name: str) -> str:
    return format_percent(metrics[name], metrics["interval_95"].get(name))


def format_passes(passes: Mapping[str, float], unit: str = "") -> str:
    """Format the median with minimum and maximum of several measurement passes."""
    shown = f"{passes['median']:.2f}{unit}"
    return f"{shown} [{passes['low']:.2f}, {passes['high']:.2f}]" if "low" in passes else shown


def format_stages(epochs_by_side: Mapping[Any, int]) -> str:
    """Format as the `--stages` option: input side in pixels x epochs."""
    return ", ".join(f"{side}x{epochs}" for side, epochs in epochs_by_side.items())


def _open_environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - Markdown and plain text
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "estimate": format_estimate,
        "percent": format_percent,
        "percent_interval": format_percent_interval,
        "metric": format_metric,
        "metric_percent": format_metric_percent,
        "passes": format_passes,
        "stages": format_stages,
    }
    return environment


ENVIRONMENT = _open_environment()
