"""Checks of a translation against its English text."""

import re
from typing import Final

_PLACEHOLDER: Final = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")
_TAG: Final = re.compile(r"<[^>]+>")
_INVISIBLE: Final = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
"""Direction marks among them: pages isolate texts of another direction themselves."""
_PERCENT_FORMAT: Final = re.compile(r"%\(\w+\)[sd]|%[sd]|%%")


def list_placeholders(text: str) -> list[str]:
    return sorted(_PLACEHOLDER.findall(text))


def list_problems(source: str, translation: str, *, may_omit_number: bool = False) -> list[str]:
    """Return what is wrong with a translation; empty if nothing is.

    Args:
        source: English text.
        translation: Its translation.
        may_omit_number: True for the plural form of a single number ("one student"), which need
            not contain the placeholder of the number.

    Returns:
        Sentences, each of which names the difference.
    """
    if not translation.strip():
        return ["is empty"]
    problems = []
    missing = set(list_placeholders(source)) - set(list_placeholders(translation))
    added = set(list_placeholders(translation)) - set(list_placeholders(source))
    if added or len(missing) > int(may_omit_number):
        problems.append(f"placeholders differ: missing {sorted(missing)}, added {sorted(added)}")
    formats = _PERCENT_FORMAT.search(source) and "%" not in _PERCENT_FORMAT.sub("", source)
    if formats and "%" in _PERCENT_FORMAT.sub("", translation):
        problems.append("has a single %: write %%, which is displayed as %")
    tags, expected = sorted(_TAG.findall(translation)), sorted(_TAG.findall(source))
    if tags != expected:
        problems.append(f"HTML tags differ: {tags} instead of {expected}")
    if _get_margins(source) != _get_margins(translation):
        problems.append("space or line break at the start or end differs from the English text")
    if _INVISIBLE.search(translation):
        problems.append("has an invisible character: remove direction marks and soft hyphens")
    return problems


def _get_margins(text: str) -> tuple[str, str]:
    stripped = text.strip()
    start = text.index(stripped)
    return text[:start], text[start + len(stripped) :]
