from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from fer_lms.engagement.weights import BadWeights, weights_from


@register
def weights_are_possible(**_: Any) -> list[CheckMessage]:
    """A wrong weight is found at the start, not at the first window."""
    try:
        weights_from(settings.EVIDENCE_WEIGHTS)
    except (BadWeights, AttributeError) as error:
        hint = 'A JSON object of numbers by name, such as {"face_most": 0.3}; see docs/rules.md.'
        return [Error(f"FER_EVIDENCE_WEIGHTS: {error}", hint=hint, id="rules.E001")]
    return []
