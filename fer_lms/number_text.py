"""Numbers in the active language, in one style on every page."""

from babel.numbers import format_decimal
from babel.numbers import format_percent as _format_percent
from django.utils.translation import get_language


def format_percent(share: float) -> str:
    """Return a share of 0 to 1 in whole per cent: "80%", in German "80 %"."""
    text: str = _format_percent(round(share, 2), locale=_get_locale())
    return text


def format_number(value: float, digits: int = 0) -> str:
    """Return a number with groups of thousands: "1,234", in German "1.234"."""
    form = "#,##0" + ("." + "0" * digits if digits else "")
    text: str = format_decimal(value, format=form, locale=_get_locale())
    return text


def _get_locale() -> str:
    return (get_language() or "en").replace("-", "_")
