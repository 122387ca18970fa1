"""The status page in another language: reasons, numbers."""

import pytest
from django.utils import translation

from fer_lms.engagement.observations import LOST, REFUSED
from fer_lms.number_text import format_number
from fer_lms.operations.status_figures import get_loss_texts
from fer_lms.translations.languages import PLURAL_FORMS

CLIENT_DROPS = ("busy", "hidden")


@pytest.mark.parametrize("language", ["en", *PLURAL_FORMS])
def test_every_reason_of_a_loss_has_words(language: str) -> None:
    with translation.override(language):
        texts = get_loss_texts()
    assert texts.keys() == {*REFUSED, *LOST, *CLIENT_DROPS}
    assert len(set(texts.values())) == len(texts)
    assert not any("_" in text for text in texts.values())


@pytest.mark.parametrize(
    ("language", "text"), [("en", "1,234.5"), ("de", "1.234,5"), ("id", "1.234,5")]
)
def test_numbers_follow_the_language(language: str, text: str) -> None:
    with translation.override(language):
        assert format_number(1234.5, 1) == text
        assert format_number(1234.4) == text[:-2]
