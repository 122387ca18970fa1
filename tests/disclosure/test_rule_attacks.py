"""Attacks through rules, by REST: matched pairs of classes that differ in one student's face."""

from collections.abc import Iterator

import pytest
from django.test import override_settings

from fer_lms.policy.models import DeploymentPolicy
from fer_lms.reports import hint_records
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


def test_shares_tell_of_a_face_if_face_evidence_is_not_withheld(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(hint_records, "_may_use_faces", lambda *_: False)
    trials = collect_rule_trials(find("shares, face evidence on"), "5-7", pairs=4, seed=SEED)
    assert trials.released.any()
