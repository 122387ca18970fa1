"""Compute each learner's evidence once for many rules, since it does not depend on the rules."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any
from unittest.mock import patch

from fer_lms.engagement.evidence import FORMULAS, Evidence, EvidenceInput, FaceEvidence
from fer_lms.rules.engine import evaluation
from fer_lms.rules.engine.state import EvaluationState

Formula = Callable[[EvidenceInput], Evidence]
EvidenceByTime = dict[tuple[str, float], Evidence]
"""By kind and time, Unix seconds."""


@contextmanager
def cache_evidence() -> Iterator[EvidenceByTime]:
    """Cache the evidence by time, for rules of one learner with one use of faces.

    Yields:
        The cache, which the rules fill.
    """
    cache: EvidenceByTime = {}
    faces: dict[float, FaceEvidence] = {}
    read_face: Callable[..., FaceEvidence] = evaluation._read_face

    def compute(kind: str, formula: Formula, inputs: EvidenceInput) -> Evidence:
        key = kind, inputs.now
        if key not in cache:
            cache[key] = formula(inputs)
        return cache[key]

    def read(state: EvaluationState, *arguments: Any) -> FaceEvidence:
        if state.cursor not in faces:
            faces[state.cursor] = read_face(state, *arguments)
        return faces[state.cursor]

    cached = {kind: partial(compute, kind, formula) for kind, formula in FORMULAS.items()}
    with patch.dict(FORMULAS, cached), patch.object(evaluation, "_read_face", read):
        yield cache
