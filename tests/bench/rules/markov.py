"""Second generator, of different structure: a hidden Markov chain of affective states.

States last exponentially long and follow each other as in D'Mello and Graesser 2012. Answers come
at rates of the state, confusion raises errors and tension without being frustration, and the face
shows frustration in bursts. Parameters: assumptions.toml beside this file.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from math import exp, log, sqrt
from pathlib import Path
from random import Random
from typing import Final

from fer_lms.engagement.activity import LearnerAction
from fer_lms.engagement.observations import WINDOW_SECONDS
from fer_lms.rules.trials.assumptions import ASSUMPTIONS, load_assumptions
from fer_lms.rules.trials.generator import STARTED_AT, Episode, EpisodeKind, SimulatedLearner
from fer_lms.rules.trials.simulated_faces import (
    CONFOUNDERS,
    Face,
    Span,
    compute_shift,
    draw_confounders,
    draw_traits,
)

MARKOV: Final = load_assumptions(Path(__file__).with_name("assumptions.toml"))
TICK_S: Final = 5
READING_S: Final = 15
"""From the opening of the first step to the first possible answer."""
FRUSTRATED: Final = ("frustrated", "frustrated_long")
KIND_BY_WAY: Final[Mapping[str, EpisodeKind]] = {
    "persists": "failing",
    "guesses": "failing",
    "slows": "slow",
    "gives_up": "silent",
}

Visit = tuple[int, int, str]
"""(from, until, state), in seconds; a frustrated state is replaced by the way to be frustrated."""


def simulate_markov_class(
    *,
    seed: int,
    learners: int = 24,
    minutes: int = 40,
    steps: tuple[int, ...] = (1, 2, 3, 4),
    error_rate: float | None = None,
    face_auc: float | None = None,
) -> list[SimulatedLearner]:
    """Simulate a class; the same arguments as `simulate_class` have the same meaning."""
    auc = ASSUMPTIONS.get_number("face.auc") if face_auc is None else face_auc
    rate = ASSUMPTIONS.get_number("answers.error_rate") if error_rate is None else error_rate
    shift = compute_shift(auc, MARKOV)
    limit = MARKOV.get_number("answers.step_range")
    of_class = Random(f"markov-{seed}")
    difficulty = {step: of_class.uniform(-limit, limit) for step in steps}
    return [
        _MarkovLearner(
            Random(f"markov-{seed}-{number}"),
            minutes * 60,
            log(rate / (1 - rate)),
            difficulty,
        ).simulate(shift)
        for number in range(learners)
    ]


class _MarkovLearner:
    def __init__(
        self, random: Random, seconds: int, logit: float, difficulty: Mapping[int, float]
    ) -> None:
        self._random, self._seconds, self._difficulty = random, seconds, difficulty
        self._logit = logit + random.gauss(0.0, MARKOV.get_number("answers.ability_sigma"))
        self._visits = list(self._draw_visits())

    def simulate(self, shift: float) -> SimulatedLearner:
        learner = SimulatedLearner(draw_traits(self._random, {}), STARTED_AT, self._seconds)
        learner.episodes = list_episodes(self._visits)
        learner.actions = self._simulate_actions()
        learner.true_error_rates = {
            step: self._compute_error_rate(step, "") for step in self._difficulty
        }
        spans = draw_confounders(self._random, self._seconds)
        spans["looking_away"] += [visit[:2] for visit in self._visits if visit[2] == "away"]
        self._simulate_face(learner, shift, spans)
        return learner

    # --- states ---------------------------------------------------------------------------------

    def _draw_visits(self) -> Iterator[Visit]:
        means = MARKOV.get_table("states.mean_s")
        state, at = "engaged", 0
        while at < self._seconds:
            ticks = max(round(self._random.expovariate(1 / means[state]) / TICK_S), 1)
            until = min(at + ticks * TICK_S, self._seconds)
            yield at, until, self._choose("answers.ways") if state in FRUSTRATED else state
            state, at = self._choose(f"states.from_{state}"), until

    def _choose(self, name: str) -> str:
        shares = MARKOV.get_table(name)
        return self._random.choices(list(shares), list(shares.values()))[0]

    def _get_state(self, second: float) -> str:
        return next(state for start, end, state in self._visits if start <= second < end)

    # --- interactions ---------------------------------------------------------------------------

    def _simulate_actions(self) -> list[LearnerAction]:
        actions = [
            LearnerAction(STARTED_AT + at, "step_opened", step) for at, step in self._open_steps()
        ]
        opened = [(action.at - STARTED_AT, action.step or 0) for action in actions]
        touched = [STARTED_AT + 0.0]
        for tick in range(int(opened[0][0]) + READING_S, self._seconds, TICK_S):
            state = self._get_state(tick)
            at = STARTED_AT + tick + self._random.uniform(0.0, TICK_S)
            step = [step for second, step in opened if second <= tick][-1]
            if self._happens(MARKOV.get_table("answers.rate_per_minute")[state]):
                actions += self._attempt(at, step, state)
            if self._happens(_get_by_state("answers.touch_rate_per_minute", state)):
                touched.append(at)
        actions.sort(key=lambda action: action.at)
        actions += _report_idleness([*touched, *(action.at for action in actions)])
        return sorted(actions, key=lambda action: action.at)

    def _open_steps(self) -> Iterator[tuple[float, int]]:
        """Yield (second, step); nobody opens the next step while frustrated."""
        length = self._seconds / len(self._difficulty)
        for position, step in enumerate(self._difficulty):
            second = position * length + self._random.uniform(1.0, 30.0)
            visit = next(visit for visit in self._visits if second < visit[1])
            yield (float(visit[1]) if visit[2] in KIND_BY_WAY else second), step

    def _happens(self, rate_per_minute: float) -> bool:
        return self._random.random() < 1 - exp(-rate_per_minute * TICK_S / 60)

    def _attempt(self, at: float, step: int, state: str) -> Iterator[LearnerAction]:
        if self._random.random() < _get_by_state("answers.asks_rate", state):
            yield LearnerAction(at - 1.0, "hint_asked", step)
        is_wrong = self._random.random() < self._compute_error_rate(step, state)
        yield LearnerAction(at, "answered", step, "wrong" if is_wrong else "right")

    def _compute_error_rate(self, step: int, state: str) -> float:
        logits = MARKOV.get_table("answers.logit")
        own = self._logit + self._difficulty[step] + logits.get(state, 0.0)
        rate = 1 / (1 + exp(-own))
        at_least = MARKOV.get_table("answers.frustrated_error_rate").get(state, 0.0)
        return max(rate, at_least)

    # --- face -----------------------------------------------------------------------------------

    def _simulate_face(
        self, learner: SimulatedLearner, shift: float, spans: Mapping[str, Sequence[Span]]
    ) -> None:
        random = self._random
        persistence, shock_rate, shock = MARKOV.get_numbers("face.shocks")
        begins, lasts = MARKOV.get_numbers("face.bursts")
        confused = MARKOV.get_number("face.confused_share")
        # The variance of the sum of noise and shocks is 1.
        noise = sqrt((1 - persistence**2) / (1 + shock_rate * shock**2))
        tension, pitch, yaw = random.gauss(0, 1), random.gauss(0, 4), random.gauss(0, 4)
        smiles = MARKOV.get_number("face.smiling_bursts")
        in_burst, traits = False, replace(learner.traits, smiles=False)
        for start in range(0, self._seconds, WINDOW_SECONDS):
            state = self._get_state(start)
            tension = persistence * tension + random.gauss(0, noise)
            if random.random() < shock_rate:
                tension += random.gauss(0, noise * shock)
            pitch, yaw = pitch + random.gauss(0, 0.6), yaw + random.gauss(0, 0.6)
            if not in_burst:
                traits = replace(traits, smiles=random.random() < smiles)
            in_burst = random.random() < (lasts if in_burst else begins)
            shown = {"confused": confused * shift}.get(state, 0.0)
            if state in KIND_BY_WAY and in_burst:
                shown = shift
            face = Face(random, traits, start, pitch=pitch, yaw=yaw)
            face.show_tension(tension, shown, MARKOV)
            face.apply_confounders(
                {name for name in CONFOUNDERS if any(a <= start < b for a, b in spans[name])}
            )
            learner.windows[STARTED_AT + start] = face.summarize(STARTED_AT + start)


def list_episodes(visits: Sequence[Visit]) -> list[Episode]:
    """Return the episodes of frustration: consecutive frustrated visits, if they last long enough.

    The kind is that of the longest visit.
    """
    episodes = []
    for is_frustrated, group in groupby(visits, key=lambda visit: visit[2] in KIND_BY_WAY):
        members = list(group)
        start, end = members[0][0], members[-1][1]
        if is_frustrated and end - start >= MARKOV.get_number("states.shortest_episode_s"):
            longest = max(members, key=lambda visit: visit[1] - visit[0])
            episodes.append(Episode(start, end, KIND_BY_WAY[longest[2]]))
    return episodes


def _get_by_state(name: str, state: str) -> float:
    """Return a rate of a state; ways to be frustrated may share one."""
    rates = MARKOV.get_table(name)
    return rates[state] if state in rates else rates["frustrated"]


def _report_idleness(touched: list[float]) -> Iterator[LearnerAction]:
    idle_after = ASSUMPTIONS.get_number("page.idle_after_s")
    previous = STARTED_AT + 0.0
    for at in sorted(touched):
        if at - previous > idle_after:
            yield LearnerAction(previous + idle_after, "idle", None, seconds=int(idle_after))
            yield LearnerAction(at - 0.2, "returned", None)
        previous = at
