"""Attacks through rules: what fires, for whom, and why, as far as a teacher gets to know it.

Played through the real write path and REST only. The target's face is tense or calm; the two
classes of a matched pair differ in nothing else. The adversary knows every answer, and every hint
that reaches a student.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.utils import timezone

from fer_lms.engagement.actions import close_due_windows, write_windows
from fer_lms.engagement.observations import WINDOW_SECONDS
from fer_lms.lessons.actions import end_session, record_events, start_session
from fer_lms.lessons.models import InteractionEvent, LessonSession, Participant
from fer_lms.policy.models import DeploymentPolicy
from fer_lms.reports.actions import freeze_ended_reports
from fer_lms.reports.live_release import release_due_sessions
from fer_lms.rules.live_evaluation import evaluate_due
from tests.bench.disclosure.estimators import Floats, Trials
from tests.bench.disclosure.plays import POOLS
from tests.bench.disclosure.rest import Course, TeacherClient, simulated_time
from tests.bench.disclosure.rule_faces import build_observation, draw_face
from tests.bench.errors import BenchmarkError

LESSON_S = 270
CALM_SECONDS = 120
"""At the beginning every face is calm, so that rules know how it usually looks."""
LOW, HIGH = 0.2, 0.6
"""Thresholds that wrong answers exceed by themselves, and only together with a tense face."""
EVALUATION_DELAY_S = 10
"""After the last of its windows has closed, before the next one does."""
OBSERVED_SECONDS, OBSERVED_SINCE = range(0, 10, 2), 60
"""Of each window, of the lesson: enough for rules, too little for figures of the camera."""
Settings = dict[str, Any]


@dataclass(slots=True)
class Lesson:
    """A lesson in the making, as an attack sees it."""

    course: Course
    teacher: TeacherClient
    session: LessonSession | None = None
    participants: list[Participant] = field(default_factory=list)
    rules: dict[str, int] = field(default_factory=dict)
    groups: dict[str, int] = field(default_factory=dict)

    @property
    def ids(self) -> list[str]:
        return [str(user.public_id) for user in self.course.people.values()]

    @property
    def path(self) -> str:
        return f"/api/v1/lessons/{self.course.lesson.pk}"

    def build_spec(self, threshold: float, **fields: Any) -> Settings:
        """Return the template "stuck", which needs answers, with another threshold."""
        templates = self.teacher.get(f"{self.path}/rules/")["templates"]
        spec: Settings = next(item["spec"] for item in templates if item["name"] == "stuck")
        release = min(0.15, threshold)
        return spec | {"threshold": threshold, "release": release, "held_windows": 1} | fields

    def make_rule(self, title: str, spec: Settings) -> None:
        body = {"title": title, "template": "", "spec": spec}
        self.rules[title] = self.teacher.post(f"{self.path}/rules/", body)["id"]

    def change_rule(self, title: str, spec: Settings) -> None:
        self.teacher.post(f"{self.path}/rules/{self.rules[title]}/versions", {"spec": spec})

    def switch_off_built_in_rules(self) -> None:
        """Their hints would delay those of the teacher's own rules."""
        for rule in self.teacher.get(f"{self.path}/rules/")["rules"]:
            body = {"off": True, "rule_id": rule["id"]}
            self.teacher.post(f"{self.path}/rules/switch", body)

    def set_group(self, title: str, members: Sequence[str]) -> None:
        body = {"title": title, "members": list(members)}
        if title in self.groups:
            self.teacher.put(f"{self.path}/groups/{self.groups[title]}", body)
        else:
            self.groups[title] = self.teacher.post(f"{self.path}/groups/", body)["id"]


Prepare = Callable[[Lesson], None]


def _pad_versions(lesson: Lesson) -> None:
    """Version 1 names four classmates and fires on answers; version 2 names the target alone."""
    lesson.make_rule("padded", lesson.build_spec(LOW, learners=lesson.ids[1:5]))


def _pad_second_version(lesson: Lesson) -> None:
    lesson.change_rule("padded", lesson.build_spec(HIGH, learners=lesson.ids[:1]))


def _make_two_rules(lesson: Lesson) -> None:
    lesson.make_rule("others", lesson.build_spec(LOW, learners=lesson.ids[1:]))
    lesson.make_rule("all", lesson.build_spec(HIGH, action="break"))


def _make_two_like_rules(lesson: Lesson) -> None:
    """The first one fires for everybody whom both are for."""
    lesson.make_rule("all", lesson.build_spec(HIGH))
    lesson.make_rule("others", lesson.build_spec(HIGH, learners=lesson.ids[1:], action="break"))


def _name_five(lesson: Lesson) -> None:
    lesson.make_rule("five", lesson.build_spec(HIGH, learners=lesson.ids[:5]))


def _name_one(lesson: Lesson) -> None:
    lesson.make_rule("one", lesson.build_spec(HIGH, learners=lesson.ids[:1]))


def _make_group(lesson: Lesson) -> None:
    lesson.set_group("group", lesson.ids[1:])
    lesson.make_rule("group", lesson.build_spec(HIGH, groups=[lesson.groups["group"]]))


def _change_group(lesson: Lesson) -> None:
    lesson.set_group("group", lesson.ids[:1])


def _make_broad_rules(lesson: Lesson) -> None:
    for number, threshold in enumerate((LOW, 0.45, HIGH)):
        action = ("hint", "question", "break")[number]
        lesson.make_rule(f"broad {threshold}", lesson.build_spec(threshold, action=action))


def _make_one_rule(lesson: Lesson) -> None:
    lesson.make_rule("one for all", lesson.build_spec(HIGH))


def _do_nothing(lesson: Lesson) -> None:
    pass


@dataclass(frozen=True, slots=True)
class RuleAttack:
    """An attack through rules.

    Attributes:
        before: What the teacher prepares.
        during: What the teacher changes in the middle of the lesson.
        tries_previews: Whether the teacher tries rules on the recorded session.
        sees_hints: Whether the hints that reach the target are known; without face evidence they
            tell nothing, and are always known.
        with_face: Whether the policy permits face evidence in hints.
        weight: How many classes are played, relative to other attacks.
        tense_others: How many of the others are tense; None: each with probability one half.
    """

    name: str
    before: Prepare
    during: Prepare = _do_nothing
    tries_previews: bool = False
    sees_hints: bool = True
    with_face: bool = False
    weight: int = 1
    tense_others: int | None = None


def _with_faces(
    name: str, before: Prepare, during: Prepare = _do_nothing, **more: Any
) -> RuleAttack:
    """Return the attack where faces may lead to hints, on everything but the hints that come."""
    name = f"{name}, face evidence on"
    return RuleAttack(name, before, during, sees_hints=False, with_face=True, **more)


RULE_ATTACKS: tuple[RuleAttack, ...] = (
    RuleAttack("padded rule versions", _pad_versions, _pad_second_version),
    RuleAttack("shares of two rules", _make_two_rules),
    RuleAttack("rule for five named students", _name_five),
    RuleAttack("rule on a group that changes", _make_group, _change_group),
    RuleAttack("reasons for silence", _make_broad_rules),
    RuleAttack("trials and previews", _make_broad_rules, tries_previews=True),
    RuleAttack("hint arrival", _make_broad_rules),
    RuleAttack("hint arrival, face evidence on", _make_one_rule, with_face=True, weight=4),
    _with_faces("padded rule versions", _pad_versions, _pad_second_version),
    _with_faces("shares of two rules", _make_two_like_rules, tense_others=2),
    _with_faces("rule for five named students", _name_five, tense_others=4),
    _with_faces("rule for one named student", _name_one),
    _with_faces("rule on a group that changes", _make_group, _change_group),
    _with_faces("reasons for silence", _make_one_rule, tense_others=1),
    _with_faces("trials and previews", _do_nothing, tries_previews=True, tense_others=1),
)


def collect_rule_trials(attack: RuleAttack, pool: str, pairs: int, seed: int) -> Trials:
    """Play matched pairs of classes; the target's face is calm in one and tense in the other."""
    random = np.random.default_rng([seed, sum(map(ord, attack.name)), len(pool)])
    rows: list[dict[str, float]] = []
    targets: list[float] = []
    sessions: list[int] = []
    for number in range(pairs):
        size = max(int(random.choice(POOLS[pool])), 6)
        rows += play_pair(attack, size, int(random.integers(2**31)))
        targets += [0.0, 1.0]
        sessions += [number, number]
    released = _select_differing(rows)
    given = np.zeros((len(rows), 1))
    return Trials("choice", np.array(targets), given, released, np.array(sessions))


def play_pair(
    attack: RuleAttack, size: int, seed: int
) -> tuple[dict[str, float], dict[str, float]]:
    """Play a class in which the target is calm and the same one in which the target is tense.

    Returns:
        What the adversary learns of each, by name.
    """
    policy = DeploymentPolicy.objects.filter(kind=DeploymentPolicy.Kind.DEMO)
    policy.update(face_evidence_in_hints=attack.with_face)
    calm, tense = (
        _play(attack, size, np.random.default_rng(seed), is_tense=is_tense)
        for is_tense in (False, True)
    )
    policy.update(face_evidence_in_hints=False)
    return calm, tense


def _select_differing(rows: Sequence[Mapping[str, float]]) -> Floats:
    """Return the values that differ within a pair; all others tell nothing of the target's face."""
    pairs = list(zip(rows[::2], rows[1::2], strict=True))
    names = sorted({name for row in rows for name in row})
    kept = [n for n in names if any(calm.get(n, 0.0) != tense.get(n, 0.0) for calm, tense in pairs)]
    return np.array([[row.get(name, 0.0) for name in kept] or [0.0] for row in rows])


def _play(
    attack: RuleAttack, size: int, random: np.random.Generator, *, is_tense: bool
) -> dict[str, float]:
    """Play one lesson and return everything that the adversary learns, by name."""
    course = Course.create(steps=2)
    for number in range(size):
        course.find_person(f"student-{number:02}")
    lesson = Lesson(course, TeacherClient(course.teacher))
    others = random.random(size - 1) < 0.5
    if attack.tense_others is not None:
        others = np.arange(size - 1) < attack.tense_others
    tense = [is_tense, *(bool(value) for value in others)]
    wrong_at = [_choose_answer_times(random) for _ in range(size)]
    started_at = _floor(timezone.now() + timedelta(hours=1))
    with simulated_time(started_at - timedelta(minutes=5)):
        lesson.switch_off_built_in_rules()
        attack.before(lesson)
    with simulated_time(started_at):
        lesson.session = start_session(lesson=course.lesson)
    LessonSession.objects.filter(pk=lesson.session.pk).update(started_at=started_at)
    lesson.session.refresh_from_db()
    lesson.participants = [
        course.join(lesson.session, name, started_at, shares=True) for name in course.people
    ]
    for since in range(0, LESSON_S, 30):
        _write(lesson, started_at, since, tense, wrong_at, random)
        if since == 150:
            with simulated_time(started_at + timedelta(seconds=since + 20)):
                attack.during(lesson)
        now = started_at + timedelta(seconds=since + 30 + EVALUATION_DELAY_S)
        with simulated_time(now):
            close_due_windows(now=now)
            evaluate_due(until=now)
            release_due_sessions(now=now)
    return _observe(attack, lesson, started_at + timedelta(seconds=LESSON_S + 60))


def _choose_answer_times(random: np.random.Generator) -> list[int]:
    """Choose two wrong answers after the change in the middle, in seconds of the lesson."""
    first = int(random.integers(175, 195))
    return [first, first + int(random.integers(5, 20))]


def _floor(time: datetime) -> datetime:
    seconds = int(time.timestamp()) // 60 * 60
    return datetime.fromtimestamp(seconds, tz=time.tzinfo)


def _write(
    lesson: Lesson,
    started_at: datetime,
    since: int,
    tense: Sequence[bool],
    wrong_at: Sequence[Sequence[int]],
    random: np.random.Generator,
) -> None:
    """Write thirty seconds: events first, then what the cameras read."""
    step = lesson.course.lesson.steps.all()[0].pk
    for participant, seconds in zip(lesson.participants, wrong_at, strict=True):
        events = [(0, "step_opened", "")] + [(second, "answered", "wrong") for second in seconds]
        for number, (second, kind, value) in enumerate(events):
            if since <= second < since + 30:
                with simulated_time(started_at + timedelta(seconds=second)):
                    record_events(
                        participant=participant,
                        events=[
                            {
                                "kind": InteractionEvent.Kind(kind),
                                "step_id": step,
                                "value": value,
                                "attempts": number or None,
                                "seconds": second or None,
                                "key": f"{kind}-{number}",
                            }
                        ],
                    )
    observations = []
    base = int(started_at.timestamp()) // WINDOW_SECONDS
    for participant, is_tense in zip(lesson.participants, tense, strict=True):
        is_tense_now = is_tense and since >= CALM_SECONDS
        first = max(since, OBSERVED_SINCE)
        for window in range(first // WINDOW_SECONDS, (since + 30) // WINDOW_SECONDS):
            negative, signs = draw_face(random, is_tense=is_tense_now)
            observations += [
                build_observation(participant, base + window, second, negative, signs)
                for second in OBSERVED_SECONDS
            ]
    with simulated_time(started_at + timedelta(seconds=since + 30)):
        write_windows(observations=observations, feeds=[])


def _observe(attack: RuleAttack, lesson: Lesson, ended_at: datetime) -> dict[str, float]:
    session = lesson.session
    assert session is not None
    with simulated_time(ended_at):
        end_session(session=session)
    now = ended_at + timedelta(minutes=3)
    with simulated_time(now):
        close_due_windows(now=now)
        freeze_ended_reports(now=now)
        report = lesson.teacher.read_report(session)
        if report["withheld"] is None:
            raise BenchmarkError("The report has figures of the camera, which contain the face.")
        found = flatten({"report": report})
        found |= flatten({"list": lesson.teacher.get("/api/v1/lessons/")})
        found |= flatten({"asked": _list_notifications(lesson, session)})
        if attack.tries_previews:
            found |= _try_rules(lesson, session)
    if attack.sees_hints:
        for number, participant in enumerate(lesson.participants):
            times = [hint.fired_at - session.started_at for hint in participant.hints.all()]
            seconds = sorted(time.total_seconds() for time in times)
            found[f"hints-{number}"] = float(len(seconds))
            found |= {f"hint-{number}-{at}": second for at, second in enumerate(seconds)}
    return found


def _list_notifications(lesson: Lesson, session: LessonSession) -> Any:
    return lesson.teacher.get(f"/api/v1/sessions/{session.pk}/teacher-notifications")


def _try_rules(lesson: Lesson, session: LessonSession) -> dict[str, float]:
    """Try rules for everybody and for the target alone, at several thresholds."""
    found: dict[str, float] = {}
    for audience in ([], lesson.ids[:1], lesson.ids[:5]):
        for threshold in (LOW, 0.45, HIGH):
            spec = lesson.build_spec(threshold, learners=audience)
            body = {"spec": spec, "session_id": str(session.pk), "rule_id": None}
            answer = lesson.teacher.post(f"{lesson.path}/rules/preview", body)
            found |= flatten({f"trial-{len(audience)}-{threshold}": answer})
    return found


IDENTIFYING = {
    *("id", "course", "title", "kept_until"),
    *("started_at", "start", "figures_until", "metrics_until"),
}


def flatten(value: Any, path: str = "") -> dict[str, float]:
    """Return every value of a JSON document as a number by path; texts become indicators.

    Rows that have a title or a name keep it in their path. Random ids and dates are left out.
    """
    if isinstance(value, Mapping):
        found: dict[str, float] = {}
        for key, item in value.items():
            if key not in IDENTIFYING and not key.endswith(("_id", "_at")):
                found |= flatten(item, f"{path}/{key}")
        return found
    if isinstance(value, list):
        found = {f"{path}/count": float(len(value))}
        for number, item in enumerate(value):
            name = number
            if isinstance(item, Mapping):
                name = next((item[k] for k in ("title", "part", "reason") if item.get(k)), number)
            found |= flatten(item, f"{path}[{name}]")
        return found
    if isinstance(value, bool | int | float):
        return {path: float(value)}
    return {f"{path}={value}": 1.0}
