"""Names and titles from outside display as what they are."""

import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rest_framework import serializers

from fer_lms.api.authoring import serializers as authoring
from fer_lms.api.rules import serializers as rules
from fer_lms.bounded_fields import OneLineTextField
from fer_lms.display_text import clean_name, clean_text
from fer_lms.lessons.content import document
from fer_lms.people.models import User

BIDI_CONTROLS = "\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
ZERO_WIDTH = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u180e\u2061\u2063\u206f\ufff9\U000e0041"
INVISIBLE_LETTERS = "\u115f\u3164\uffa0\u2800\u034f"


@pytest.mark.parametrize("character", BIDI_CONTROLS + ZERO_WIDTH + INVISIBLE_LETTERS)
def test_invisible_characters_are_removed(character: str) -> None:
    for text in (f"A{character}da", f"{character}Ada", f"Ada{character}", f"Ad{character * 3}a"):
        assert clean_text(text, 200) == "Ada"
    assert clean_name(character * 3, 200) == ""


@pytest.mark.parametrize(
    ("received", "cleaned"),
    [
        ("  Ada\u00a0\u3000 Example\r\n", "Ada Example"),
        ("Ada\u2028Example\x00\x1b[31m", "Ada Example [31m"),
        ("Zoe\u0308", "Zo\u00eb"),
        (
            "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
            "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        ),
        ("\u0915\u094d\u200d\u0937", "\u0915\u094d\u200d\u0937"),
        ("\u0905\u0928\u093f\u0932", "\u0905\u0928\u093f\u0932"),
        ("\u5c71\u7530 \u592a\u90ce", "\u5c71\u7530 \u592a\u90ce"),
        ("O\u2019Brien-Smith", "O\u2019Brien-Smith"),
        ("\U0001f469\u200d\U0001f3eb Maths", "\U0001f469\u200d\U0001f3eb Maths"),
        ("\u2764\ufe0f\u200d\U0001f525", "\u2764\ufe0f\u200d\U0001f525"),
        ("\U0001fae8\U0001fadf", "\U0001fae8\U0001fadf"),  # of Unicode 15 and 16
        ("\U0001f469\u200dAda\u200d\U0001f3eb", "\U0001f469Ada\U0001f3eb"),
        (None, ""),
        (7, ""),
        (["Ada"], ""),
    ],
)
def test_texts_keep_their_letters(received: object, cleaned: str) -> None:
    assert clean_text(received, 200) == cleaned


@pytest.mark.parametrize("name", ["", "-", ".", "--- ---", "\u202e\u200b", "\u2014"])
def test_name_without_letters_is_none(name: str) -> None:
    assert clean_name(name, 150) == ""


@pytest.mark.parametrize(
    ("received", "is_name"),
    [
        ("https://lms.example/user/pix.php/5/f1.jpg", False),
        ("data:image/png;base64,iVBORw0KGgo=", False),
        ("//cdn.example/a.png", False),
        ("www.example.org", False),
        ("stu.dent@school.example", False),
        ("$Person.name.given", False),
        ("$Person.name.full", False),
        ("Ada @ Home", True),
        ("Data: Nguyen", True),
        ("Wwwille", True),
        ("$am", True),
        ("Null", True),
        ("\u4e2d\u6587", True),
    ],
)
def test_address_in_place_of_a_name_is_none(received: str, is_name: bool) -> None:
    assert clean_name(received, 150) == (received if is_name else "")


@given(st.text(max_size=60), st.integers(1, 40))
def test_cleaning_is_bounded_and_final(text: str, max_length: int) -> None:
    cleaned = clean_text(text, max_length)
    assert len(cleaned) <= max_length
    assert cleaned == cleaned.strip()
    assert clean_text(cleaned, max_length) == cleaned
    joiners = set("\u200c\u200d")
    left = {character for character in set(cleaned) - joiners if not is_emoji(character)}
    categories = {unicodedata.category(character) for character in left}
    assert not categories & {"Cc", "Cf", "Cs", "Cn", "Zl", "Zp"}


def is_emoji(character: str) -> bool:
    """Also where the character is newer than this Python's tables, to which it is unassigned."""
    return "\U0001f000" <= character <= "\U0001faff"


def list_fields() -> list[Any]:
    """List the title and label fields of what teachers send."""
    requests = [
        document.LessonHeadDocumentSerializer,
        document.StepDocumentSerializer,
        document.EmbedDocumentSerializer,
        *(rules.NewRuleSerializer, rules.LearnerGroupSerializer),
        authoring.PictureUploadSerializer,
    ]
    return [
        (serializer, name)
        for serializer in requests
        for name in ("title", "alternative_text")
        if name in serializer().fields
    ]


@pytest.mark.parametrize(("serializer", "name"), list_fields())
def test_titles_of_teachers_are_cleaned(
    serializer: type[serializers.Serializer[Any]], name: str
) -> None:
    field = serializer().fields[name]
    assert isinstance(field, OneLineTextField)
    assert field.run_validation("Frac\u202etions\n\u200b1") == "Fractions 1"
    with pytest.raises(serializers.ValidationError):
        field.run_validation("\u200b\u202e")
    with pytest.raises(serializers.ValidationError):
        field.run_validation("x" * 501)


@pytest.mark.parametrize(
    ("fields", "student", "staff"),
    [
        ({"first_name": "Ada", "last_name": "Example"}, "Ada Example", "Ada Example"),
        ({"first_name": "\u202eAda\u200b"}, "Ada", "Ada"),
        ({"username": "boss"}, "boss", "boss"),
        ({"username": "lti-1c30"}, "Student 12", "Person 12"),
        ({"username": "lti-1c31", "first_name": "\u200b"}, "Student 12", "Person 12"),
    ],
)
def test_display_names(fields: dict[str, str], student: str, staff: str) -> None:
    user = User(pk=12, **({"username": "person"} | fields))
    assert user.display_name == student
    assert user.staff_display_name == staff
