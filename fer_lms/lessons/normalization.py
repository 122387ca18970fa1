"""Normalization of what learners type or paste, by pure functions.

What keyboards, word processors and web pages add is folded: invisible characters, kinds of spaces,
quotation marks and hyphens, digits of other scripts, compatibility forms. What digits mean stays:
"1½" becomes "1 1/2", never "11/2", and "10²" becomes "10^2", never "102".
"""

import re
import unicodedata

_APOSTROPHES = (
    "\u2018\u2019\u201a\u201b\u2032\u2035\u02b9\u02bc\u02bb\u00b4`\u05f3\u2039\u203a\uff07"
)
_QUOTES = "\u201c\u201d\u201e\u201f\u2033\u2036\u00ab\u00bb\u05f4\u301d\u301e\uff02"
_MINUSES = "\u2212\u02d7\u2043\ufe63\uff0d"
_VISIBLE_DASHES = "\u301c\u3030\u30a0\uff5e"
"""Of category Pd, with a meaning of their own in Japanese."""
_FILLERS = "\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0\u0640"
"""Invisible letters and marks, and the stroke that lengthens Arabic words."""
_SIMPLE = str.maketrans(
    {
        **dict.fromkeys(_APOSTROPHES, "'"),
        **dict.fromkeys(_QUOTES, '"'),
        **dict.fromkeys(_MINUSES, "-"),
        **dict.fromkeys(_FILLERS, None),
        **dict.fromkeys("\u2044\u2215", "/"),
        "\u0153": "oe",
        "\u0152": "OE",
        "\u2800": " ",
        "\u066a": "%",
        # Persian and Urdu keyboards have other forms of these two letters than Arabic ones.
        "\u06cc": "\u064a",
        "\u06a9": "\u0643",
    }
)
_SUPERSCRIPTS = "\u2070\u00b9\u00b2\u00b3\u2074-\u2079"
_SUBSCRIPTS = "\u2080-\u2089"
_STACKED_FRACTION = re.compile(rf"([{_SUPERSCRIPTS}]+)[\u2044\u2215/]([{_SUBSCRIPTS}]+)")
_EXPONENT = re.compile(rf"[{_SUPERSCRIPTS}\u207a\u207b\u207f\u2071]+")
_UNIT_POWER = re.compile(r"(?<!\w)((?:\d+ ?)?)([kdcm\u03bc]?m|in|ft|yd|(?<=/)s)([23])(?!\w)")
_CURRENCIES = "$\u00a2-\u00a5\u058f\u060b\u0e3f\u20a0-\u20c0"
_SPACE_BEFORE_UNIT = re.compile(rf"(?<=\d) (?=[^\W\d_]|[%\u00b0{_CURRENCIES}])")
_CURRENCY_FIRST = re.compile(rf"([+-]?)([{_CURRENCIES}]) ?([\d., ']*\d)")
_FINAL_MARKS = re.compile(
    r"(?<=[^\W\d_]{2}) ?[.!?,;:\u060c\u061b\u061f\u0964\u3001\u3002]+$"
    r"| ?[.,;:\u060c\u061b\u0964\u3001\u3002]+$"
)
_QUOTED = re.compile(r"([\"'])([^\"']+)\1")
_TYPED = (
    (re.compile(r"\+ ?/? ?-"), "\u00b1"),
    (re.compile(r" ?(<=|=<) ?"), "\u2264"),
    (re.compile(r" ?(>=) ?"), "\u2265"),
    (re.compile(r" ?(!=|<>) ?"), "\u2260"),
    (re.compile(r" ?(-+>|=+>|\u21d2) ?"), "\u2192"),
    (re.compile(r"(?<=\d) ?[*x\u00b7\u22c5\u2219\u00d7] ?(?=\d)"), "\u00d7"),
    (re.compile(r" ?([/\u2264\u2265\u2260\u2192]) ?"), r"\1"),
    (re.compile(r" ?([,;]) ?"), r"\1"),
)
"""Signs that keyboards lack, as they are typed, and spaces around signs that change nothing."""


def fold_characters(text: str) -> str:
    """Fold characters that look or mean the same; keep case, and the boundaries of numbers."""
    text = "".join(character for character in text if not _is_invisible(character))
    text = _STACKED_FRACTION.sub(lambda found: f" {_plain(found[1])}/{_plain(found[2])} ", text)
    text = _EXPONENT.sub(lambda found: f"^{_plain(found[0])}", text)
    text = _expand_numbers(text.translate(_SIMPLE))
    text = unicodedata.normalize("NFKC", text).translate(_SIMPLE)
    return " ".join("".join(map(_fold_character, text)).split())


def normalize_text(text: str) -> str:
    """Fold a text for comparison: also case, units such as m2, typed signs, quotation marks around
    all of it, and final punctuation."""
    folded = unicodedata.normalize("NFKC", fold_characters(text).casefold())
    folded = _UNIT_POWER.sub(r"\1\2^\3", folded.replace("i\u0307", "i"))
    folded = _FINAL_MARKS.sub("", folded).strip() or folded
    if quoted := _QUOTED.fullmatch(folded):
        folded = _FINAL_MARKS.sub("", quoted[2]).strip() or folded
    for typed, sign in _TYPED:
        folded = typed.sub(sign, folded)
    if amount := _CURRENCY_FIRST.fullmatch(folded):
        folded = f"{amount[1]}{amount[3]}{amount[2]}"
    return _SPACE_BEFORE_UNIT.sub("", folded)


def is_blank(text: str) -> bool:
    """Return whether nothing visible is written."""
    return not fold_characters(text)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).replace("\u2212", "-")


def _expand_numbers(text: str) -> str:
    """Replace one character for a whole number or fraction, kept apart from digits beside it."""
    parts: list[str] = []
    for position, character in enumerate(text):
        expanded = unicodedata.normalize("NFKC", character).translate(_SIMPLE)
        has_digits = any(map(str.isdecimal, expanded))
        if character.isdecimal() or not has_digits:
            parts.append(character)
            continue
        before = text[position - 1 : position]
        after = text[position + 1 : position + 2]
        is_divided = expanded.endswith("/")  # FRACTION NUMERATOR ONE: its denominator follows
        parts.append(" " if before.isdecimal() else "")
        parts.append(expanded + (" " if after.isdecimal() and not is_divided else ""))
    return "".join(parts)


def _fold_character(character: str) -> str:
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    if character.isspace():
        return " "
    is_dash = unicodedata.category(character) == "Pd" and character not in _VISIBLE_DASHES
    return "-" if is_dash else character


def _is_invisible(character: str) -> bool:
    is_variation_selector = (
        "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"
    )
    is_control = unicodedata.category(character) in ("Cf", "Cc") and not character.isspace()
    return is_control or is_variation_selector
