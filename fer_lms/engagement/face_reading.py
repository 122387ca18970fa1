"""Likelihood of being stuck from the signs of one window. Pure.

`manage.py fit_evidence` fits which signs count and how much beside each other, on pictures of posed
faces, and stores it with the sha256 of the network. How much the sum counts is not taken from posed
faces, on which it would be far too strong, but from `Weights.face_validity`: the AUC that faces
reach in schools. For two normal distributions with this AUC the log-likelihood ratio is linear.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from statistics import NormalDist
from typing import Any, Final

from fer_lms.engagement.observations import SIMULATED_MODEL
from fer_lms.engagement.weights import Weights
from inference.errors import ModelMissing
from inference.models.released import select_model

COEFFICIENTS_FILE: Final = "face_coefficients.json"


@dataclass(frozen=True, slots=True)
class FaceCoefficients:
    """Fitted weights of the signs, and what they were fitted with."""

    network: str
    """sha256 of the classifier."""
    weights: Mapping[str, float]
    """By sign; the weighted sum of standard scores has standard deviation 1 on neutral faces."""
    auc: float
    """On posed faces."""
    faces: int


@cache
def load_coefficients() -> FaceCoefficients:
    """Return the stored coefficients."""
    text = files(__package__).joinpath(COEFFICIENTS_FILE).read_text(encoding="utf-8")
    stored: dict[str, Any] = json.loads(text)
    return FaceCoefficients(
        network=stored["network"],
        weights=stored["weights"],
        auc=stored["auc"],
        faces=stored["faces"],
    )


def is_fitted_to_network_in_force() -> bool:
    """Return whether the coefficients belong to the network that reads faces here."""
    try:
        return is_fitted_to(select_model().sha256)
    except ModelMissing:
        return False


def is_fitted_to(network: str) -> bool:
    """Return whether the coefficients belong to this network (sha256), or nothing was read."""
    return network in ("", SIMULATED_MODEL, load_coefficients().network)


def compute_face_nats(scores: Mapping[str, float], weights: Weights) -> dict[str, float]:
    """Return the log-likelihood ratio of being stuck of one window, by sign.

    Args:
        scores: Standard score of each sign against the learner's usual face.
    """
    distance = math.sqrt(2) * NormalDist().inv_cdf(weights.face_validity)
    # Neighbouring windows are correlated: only this share of each is new.
    share = (1 - weights.face_persistence) / (1 + weights.face_persistence)
    fitted = load_coefficients().weights
    offset = distance**2 / (2 * len(fitted))
    return {
        sign: share * (distance * weight * scores[sign] - offset) for sign, weight in fitted.items()
    }
