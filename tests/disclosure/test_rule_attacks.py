"""Attacks through rules, by REST: matched pairs of classes that differ in one student's face.

Not shown yet: that an attack succeeds where the face evidence is used (docs/disclosure.md).
"""

from collections.abc import Iterator

import pytest
from django.test import override_settings

from fer_lms.policy.models import DeploymentPolicy
from tests.bench.disclosure.rule_attacks import RULE_ATTACKS, RuleAttack, collect_rule_trials

pytestmark = pytest.mark.django_db
SEED = 0
ARRIVAL = "hint arrival, face evidence on"
"""Reported, not bounded: the policy's form says what it tells."""


@pytest.fixture(autouse=True)
def test_server(policy: DeploymentPolicy) -> Iterator[None]:
    with override_settings(ALLOWED_HOSTS=["testserver"]):
        yield


def find(name: str) -> RuleAttack:
    return next(attack for attack in RULE_ATTACKS if attack.name == name)


@pytest.mark.parametrize("name", [a.name for a in RULE_ATTACKS if a.name != ARRIVAL])
def test_nothing_that_a_teacher_gets_differs_with_a_face(name: str) -> None:
    trials = collect_rule_trials(find(name), "5-7", pairs=1, seed=SEED)
    assert not trials.released.any(), "no value differs within the pair"
