"""Attacks through rules, by REST: matched pairs of classes that differ in one student's face.

Where faces may lead to hints, the target's face decides whether a rule fires. Each mechanism that
hides this is switched off once, together with all others that hide it too, so that it alone
stands between the attack and the face; the attack has to succeed then.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import pytest
from django.test import override_settings

from fer_lms.consent import permissions
from fer_lms.policy.models import DeploymentPolicy
from fer_lms.reports import hint_records, hint_statistics
from fer_lms.rules import effective_settings, session_rules
from fer_lms.rules.models import SessionRules
from fer_lms.rules.trials import disclosure, preview, replay
from tests.bench.disclosure.measuring import HINT_ARRIVAL
from tests.bench.disclosure.rest import TeacherClient
from tests.bench.disclosure.rule_attacks import RULE_ATTACKS, play_pair

pytestmark = pytest.mark.django_db
SEED = 0
SIZE = 6
TRIALS = 9
"""Three audiences at three thresholds."""
ON = ", face evidence on"
NAMES = [
    attack.name
    for attack in RULE_ATTACKS
    # "trials and previews" has the same rules and gives more; the policy's form says what the
    # arrival of hints tells with face evidence.
    if attack.name not in ("reasons for silence", "hint arrival", HINT_ARRIVAL)
]


@pytest.fixture(autouse=True)
def test_server(policy: DeploymentPolicy) -> Iterator[None]:
    with override_settings(ALLOWED_HOSTS=["testserver"]):
        yield


def find_differences(name: str) -> set[str]:
    """Return the names of the values that tell the target's calm face from the tense one."""
    attack = next(attack for attack in RULE_ATTACKS if attack.name == name)
    calm, tense = play_pair(attack, SIZE, SEED)
    return {key for key in calm.keys() | tense.keys() if calm.get(key) != tense.get(key)}


@pytest.mark.parametrize("name", NAMES)
def test_nothing_that_a_teacher_gets_differs_with_a_face(name: str) -> None:
    assert find_differences(name) == set()


def test_a_face_decides_whether_a_hint_comes() -> None:
    """Otherwise the attacks with face evidence would have nothing to find."""
    assert find_differences(HINT_ARRIVAL) >= {"hints-0"}


def read_answers(monkeypatch: pytest.MonkeyPatch) -> list[list[bytes]]:
    """Return the answers about hints and trials, of a class with a calm target and a tense one.

    The policy does not permit face evidence. Ids of steps, which differ by course, are left out.
    """
    answers: list[bytes] = []
    check = TeacherClient._check

    def record(client: TeacherClient, path: str, answer: Any) -> Any:
        body = check(client, path, answer)
        if path.endswith("/report"):
            answers.append(json.dumps(body["help"]).encode())
        elif path.endswith("/preview"):
            answers.append(re.sub(rb'"step_id": ?[0-9]+', b"", answer.content))
        return body

    monkeypatch.setattr(TeacherClient, "_check", record)
    attack = next(attack for attack in RULE_ATTACKS if attack.name == HINT_ARRIVAL)
    play_pair(
        replace(attack, with_face=False, tries_previews=True, tense_others=1),
        SIZE,
        SEED,
    )
    half = len(answers) // 2
    return [answers[:half], answers[half:]]


def test_answers_are_the_same_bytes_where_the_policy_excludes_faces(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calm, tense = read_answers(monkeypatch)
    assert len(calm) == TRIALS + 1
    assert calm == tense


def test_answers_differ_where_the_policy_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that the test above would find faces that are used without permission."""
    for module in (permissions, effective_settings, replay):
        monkeypatch.setattr(module, "permits_face_evidence", lambda _policy: True)
    for patch in (STATE_REASONS, LOAD_WINDOWS, KEEP_FACES):
        monkeypatch.setattr(*patch)
    calm, tense = read_answers(monkeypatch)
    assert calm[0] != tense[0], "hints"
    assert calm[1:] != tense[1:], "trials"


Patch = tuple[Any, str, Callable[..., Any]]
load_recordings, freeze_rules = replay.load_recordings, session_rules.freeze_rules


def freeze_again(sessions: Any, **settings: Any) -> None:
    """Use the present rules and groups, as if none had been frozen."""
    SessionRules.objects.filter(session__in=sessions).delete()
    freeze_rules(sessions, **settings)


STATE_REASONS: Patch = (hint_records, "_may_use_faces", lambda *_: False)
LIST_SMALL_AUDIENCES: Patch = (hint_statistics, "select_releasable", lambda rules, _k: list(rules))
CHANGE_RULES: Patch = (effective_settings, "freeze_rules", freeze_again)
LOAD_WINDOWS: Patch = (disclosure, "load_recordings", lambda session, **_: load_recordings(session))
KEEP_FACES: Patch = (preview, "remove_face_evidence", lambda recording: recording)


@dataclass(frozen=True)
class Mutation:
    """A mechanism switched off, and an attack that has to succeed then.

    Attributes:
        others: The other mechanisms that stop the attack; switched off as well.
        finds: Part of the name of a value that differs then.
    """

    mechanism: str
    attack: str
    patch: Patch
    finds: str
    others: tuple[Patch, ...] = ()


MUTATIONS = (
    Mutation("withheld shares", "shares of two rules", STATE_REASONS, "[all]/learners"),
    Mutation("withheld steps", "rule for five named students", STATE_REASONS, "[five]/steps"),
    Mutation("withheld silence", "reasons for silence", STATE_REASONS, "/silent"),
    Mutation(
        "threshold of audiences",
        "rule for one named student",
        LIST_SMALL_AUDIENCES,
        "[one]/learners",
        (STATE_REASONS,),
    ),
    Mutation(
        "frozen versions",
        "padded rule versions",
        CHANGE_RULES,
        "[padded]/learners",
        (STATE_REASONS, LIST_SMALL_AUDIENCES),
    ),
    Mutation(
        "frozen groups",
        "rule on a group that changes",
        CHANGE_RULES,
        "[group]/learners",
        (STATE_REASONS, LIST_SMALL_AUDIENCES),
    ),
    Mutation("blind trials", "trials and previews", KEEP_FACES, "spoken_to", (LOAD_WINDOWS,)),
)


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.mechanism)
def test_attack_succeeds_without_the_mechanism(
    mutation: Mutation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that the attack would find the mechanism missing, and no other one hides that."""
    find = partial(find_differences, mutation.attack + ON)
    for patch in mutation.others:
        monkeypatch.setattr(*patch)
    if mutation.others:
        assert find() == set(), "the mechanism alone is enough"
    monkeypatch.setattr(*mutation.patch)
    found = find()
    assert any(mutation.finds in name for name in found), found
