"""Compute each learner's evidence once for many rules, since it does not depend on the rules."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from unittest.mock import patch

from fer_lms.engagement.evidence import FORMULAS, Evidence, EvidenceInput

Formula = Callable[[EvidenceInput], Evidence]


@contextmanager
def cache_evidence() -> Iterator[None]:
    """Cache the evidence formulas by time, for rules of one learner with one use of faces."""
    cache: dict[tuple[str, float], Evidence] = {}

    def compute(kind: str, formula: Formula, inputs: EvidenceInput) -> Evidence:
        key = kind, inputs.now
        if key not in cache:
            cache[key] = formula(inputs)
        return cache[key]

    cached = {kind: partial(compute, kind, formula) for kind, formula in FORMULAS.items()}
    with patch.dict(FORMULAS, cached):
        yield
