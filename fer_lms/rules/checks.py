"""System check of the evidence weights, so that an invalid one stops the start-up."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from fer_lms.engagement.weights import InvalidWeightsError, parse_weights


@register
def check_weights(**_: Any) -> list[CheckMessage]:
    try:
        parse_weights(settings.EVIDENCE_WEIGHTS)
    except (InvalidWeightsError, AttributeError) as error:
        hint = (
            'Set it to a JSON object, such as {"face_most": 0.3}; see docs/researcher/evidence.md.'
        )
        return [Error(f"FER_EVIDENCE_WEIGHTS: {error}", hint=hint, id="rules.E001")]
    return []
