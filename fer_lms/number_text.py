"""Numbers in the active language, in one style on every page."""

from babel.numbers import format_percent as _format_percent
from django.utils.translation import get_language


def format_percent(share: float) -> str:
    """Return a share of 0 to 1 in whole per cent: "80%", in German "80 %"."""
    text: str = _format_percent(round(share, 2), locale=(get_language() or "en").replace("-", "_"))
    return text
