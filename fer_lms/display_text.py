"""One-line texts from outside that pages display: names of people, titles of courses and lessons.

Characters that change how the text around them is displayed, or that display nothing, are removed:
a name must not turn the sentence around it, and two names that look alike must be alike.
"""

import re
import unicodedata

_SPACES = re.compile(r"\s+")
_FILLERS = frozenset("\u115f\u1160\u3164\uffa0\u2800\u034f\u17b4\u17b5")
"""Letters and marks that display nothing; Unicode gives them no category of their own."""
_ZWNJ, _ZWJ = "\u200c", "\u200d"
_EMOJI_PRESENTATION = "\ufe0f"
_EMOJI = re.compile("[\u2194-\u27bf\u2934\u2935\u2b05-\u2b55\u3030\u303d\U0001f000-\U0001faff]")
"""Blocks of emoji, including those that this Python's Unicode tables do not know yet."""
_NO_NAME = re.compile(
    r"(?:(?:https?|data|blob):|//|www\.)\S*|\S+@\S+\.\S+|\$[A-Za-z]\w*(?:\.\w+)+", re.IGNORECASE
)
"""What platforms send in place of a name: the address of a picture, an e-mail address, and the name
of a variable that they did not fill in."""
_VIRAMA_CLASS = 9
_ARABIC_LETTER = "AL"
_REMOVED_CATEGORIES = ("Cf", "Co", "Cn", "Cs")
_SPACE_CATEGORIES = ("Cc", "Zl", "Zp", "Zs")


def clean_text(value: object, max_length: int) -> str:
    """Return a text of one line without invisible and direction-changing characters.

    Args:
        value: What was received; the result is empty if it is not a string.
        max_length: Longer texts are cut.

    Returns:
        The text in Unicode's composed form (NFC). The joiners that Persian, Urdu and the scripts of
        India need are kept where the rules of internationalised names allow them (RFC 5892,
        appendix A), and those within emoji (UTS #51, section 2.2).
    """
    if not isinstance(value, str):
        return ""
    text = unicodedata.normalize("NFC", value[: 16 * max_length])
    kept = (_clean_character(text, index) for index in range(len(text)))
    cleaned = _SPACES.sub(" ", "".join(kept)).strip()
    return cleaned[:max_length].rstrip()


def clean_name(value: object, max_length: int) -> str:
    """Return a cleaned text, or "" for what is no name.

    That is a text without a letter or digit, such as "-" or ".", and an address or the name of a
    variable in a name's place.
    """
    text = clean_text(value, max_length)
    if _NO_NAME.fullmatch(text):
        return ""
    return text if any(character.isalnum() for character in text) else ""


def _clean_character(text: str, index: int) -> str:
    character = text[index]
    if character in (_ZWNJ, _ZWJ):
        return character if _is_joiner_needed(text, index) else ""
    if _EMOJI.fullmatch(character):
        return character
    category = unicodedata.category(character)
    if category in _SPACE_CATEGORIES:
        return " "
    return "" if category in _REMOVED_CATEGORIES or character in _FILLERS else character


def _is_joiner_needed(text: str, index: int) -> bool:
    if index == 0 or index + 1 == len(text):
        return False
    before, after = text[index - 1], text[index + 1]
    if unicodedata.combining(before) == _VIRAMA_CLASS:
        return True
    is_emoji = _EMOJI.fullmatch(before) or before == _EMOJI_PRESENTATION
    if text[index] == _ZWJ and is_emoji and _EMOJI.fullmatch(after):
        return True
    letters = unicodedata.bidirectional(before), unicodedata.bidirectional(after)
    return text[index] == _ZWNJ and letters == (_ARABIC_LETTER, _ARABIC_LETTER)
