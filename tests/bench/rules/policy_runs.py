"""Run policies over simulated learners; keep the evidence of their faces."""

from collections.abc import Mapping, Sequence
from itertools import product

from fer_lms.rules.engine.evaluation import CLOSE_DELAY_S
from fer_lms.rules.trials.generator import SimulatedLearner
from tests.bench.rules.evidence_cache import EvidenceByTime, cache_evidence
from tests.bench.rules.outcomes import Help
from tests.bench.rules.policies import DEFAULT_SPEC, EnginePolicy

FaceValues = tuple[list[float], list[float]]


def run_policies(
    learners: Sequence[SimulatedLearner], policies: Mapping[str, EnginePolicy]
) -> tuple[dict[str, list[list[Help]]], FaceValues]:
    """Return the hints of each policy to each learner, and the evidence of their faces."""
    given: dict[str, list[list[Help]]] = {name: [] for name in policies}
    faces: FaceValues = ([], [])
    for learner in learners:
        for inputs in product((False, True), (False, True)):
            with cache_evidence() as evidence:
                for name, policy in policies.items():
                    if (policy.uses_face, policy.knows_lesson) == inputs:
                        given[name].append(policy(learner))
            _collect_faces(faces, learner, evidence)
    return given, faces


def _collect_faces(faces: FaceValues, learner: SimulatedLearner, evidence: EvidenceByTime) -> None:
    inside, outside = faces
    for start in learner.windows:
        found = evidence.get((DEFAULT_SPEC.evidence, float(start + CLOSE_DELAY_S)))
        if found is not None and found.face is not None:
            is_inside = learner.find_episode(start - learner.started_at) is not None
            (inside if is_inside else outside).append(found.face)
