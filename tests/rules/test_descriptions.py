"""The description of a rule: whole sentences, in every language."""

from dataclasses import replace

import pytest
from django.utils import translation

from fer_lms.rules.engine.descriptions import AT_ONCE, LASTING, OFFERS, describe_rule
from fer_lms.rules.engine.spec import RuleSpec
from fer_lms.rules.engine.templates import TEMPLATES
from fer_lms.rules.models import RuleVersion
from fer_lms.translations.languages import PLURAL_FORMS

SPEC: RuleSpec = next(iter(TEMPLATES.values())).spec


def test_every_kind_of_rule_has_sentences() -> None:
    assert AT_ONCE.keys() == LASTING.keys() == set(RuleVersion.Evidence.values)
    assert OFFERS.keys() == set(RuleVersion.Action.values)


@pytest.mark.parametrize("language", ["en", *PLURAL_FORMS])
@pytest.mark.parametrize("held_windows", [0, 3])
@pytest.mark.parametrize("evidence", AT_ONCE)
@pytest.mark.parametrize("action", OFFERS)
def test_a_rule_is_five_sentences(
    evidence: str, action: str, held_windows: int, language: str
) -> None:
    spec = replace(SPEC, evidence=evidence, action=action, held_windows=held_windows)
    with translation.override(language):
        text = describe_rule(spec)
    assert text.count(".") == 5
    assert "%" not in text
    assert ("30" in text) == bool(held_windows)
    if language != "en":
        with translation.override("en"):
            assert describe_rule(spec) != text
