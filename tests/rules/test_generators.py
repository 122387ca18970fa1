"""The simulated classes have the properties that their assumptions state."""

from statistics import median

import pytest

from fer_lms.engagement.window_summary import WindowSummary
from fer_lms.rules.trials.assumptions import ASSUMPTIONS, parse_assumptions
from fer_lms.rules.trials.generator import SimulatedLearner, simulate_class
from tests.bench.rules.face_reading import compute_auc, measure_face_auc
from tests.bench.rules.markov import MARKOV, list_episodes, simulate_markov_class
from tests.bench.rules.personas import PERSONAS, Persona, simulate_persona

GENERATORS = {"episodes": simulate_class, "markov": simulate_markov_class}
SEEDS = range(4)


def simulate(generator: str, face_auc: float = 0.65) -> list[SimulatedLearner]:
    if generator == "episodes":
        return [one for seed in SEEDS for one in simulate_class(seed=seed, face_auc=face_auc)]
    return [one for seed in SEEDS for one in simulate_markov_class(seed=seed, face_auc=face_auc)]


def measure_error_rate(learners: list[SimulatedLearner], *, in_episodes: bool) -> float:
    answers = [
        action.value
        for learner in learners
        for action in learner.actions
        if action.kind == "answered"
        and (learner.find_episode(action.at - learner.started_at) is not None) == in_episodes
    ]
    return answers.count("wrong") / len(answers)


@pytest.fixture(scope="module", params=list(GENERATORS))
def learners(request: pytest.FixtureRequest) -> list[SimulatedLearner]:
    return simulate(request.param)


def test_errors_and_episodes_are_as_assumed(learners: list[SimulatedLearner]) -> None:
    assert measure_error_rate(learners, in_episodes=False) == pytest.approx(0.35, abs=0.03)
    assert measure_error_rate(learners, in_episodes=True) == pytest.approx(0.74, abs=0.05)
    lengths = [episode.end - episode.start for one in learners for episode in one.episodes]
    hours = sum(one.seconds for one in learners) / 3600
    assert 60 <= median(lengths) <= 90
    assert 2.4 <= len(lengths) / hours <= 3.8
    assert sum(length > 240 for length in lengths) / len(lengths) > 0.04, "a heavy tail"
    assert {episode.kind for one in learners for episode in one.episodes} == {
        *("failing", "slow", "silent")
    }


def test_silent_episodes_have_no_answers(learners: list[SimulatedLearner]) -> None:
    silent = [
        (one, episode)
        for one in learners
        for episode in one.episodes
        if episode.kind == "silent" and episode.end - episode.start > 60
    ]
    answered = sum(
        any(
            action.kind == "answered" and start.start + 10 < action.at - one.started_at < start.end
            for action in one.actions
        )
        for one, start in silent
    )
    assert len(silent) > 20
    assert answered / len(silent) < 0.2


def test_inputs_are_those_of_live_evaluation(learners: list[SimulatedLearner]) -> None:
    for one in learners[:12]:
        assert [action.at for action in one.actions] == sorted(action.at for action in one.actions)
        assert one.actions[0].kind == "step_opened"
        assert set(one.windows) == {one.started_at + at for at in range(0, one.seconds, 10)}
        seen = [window for window in one.windows.values() if window.sign_count]
        assert all(is_plausible(window) for window in seen)
        assert 0.3 < sum(window.coverage for window in one.windows.values()) / len(one.windows) < 1


def is_plausible(window: WindowSummary) -> bool:
    total = sum(window.score_sums) / window.scored
    return total == pytest.approx(10_000, abs=8) and 0 <= (window.negative_probability or 0) <= 1


@pytest.mark.parametrize("generator", list(GENERATORS))
@pytest.mark.parametrize("auc", [0.57, 0.65, 0.77])
def test_face_has_the_stated_validity(generator: str, auc: float) -> None:
    assumptions = ASSUMPTIONS if generator == "episodes" else MARKOV
    assert measure_face_auc(simulate(generator, auc), assumptions) == pytest.approx(auc, abs=0.03)


def test_same_seed_gives_same_class() -> None:
    for generate in (simulate_class, simulate_markov_class):
        assert generate(seed=3, learners=2) == generate(seed=3, learners=2)
        assert generate(seed=3, learners=2) != generate(seed=4, learners=2)


def test_episodes_of_consecutive_visits_are_merged_and_short_ones_left_out() -> None:
    visits = [(0, 100, "engaged"), (100, 130, "guesses"), (130, 190, "gives_up")]
    visits += [(190, 200, "confused"), (200, 215, "slows"), (215, 300, "engaged")]
    (episode,) = list_episodes(visits)
    assert (episode.start, episode.end, episode.kind) == (100, 190, "silent")


@pytest.mark.parametrize("persona", PERSONAS, ids=lambda persona: persona.name)
def test_persona_is_frustrated_or_not(persona: Persona) -> None:
    learners = simulate_persona(persona, seed=0, learners=6)
    assert all(bool(one.episodes) == persona.is_frustrated for one in learners)
    assert learners == simulate_persona(persona, seed=0, learners=6)
    assert all(one.windows and one.actions for one in learners)


def test_patterns_are_fixed() -> None:
    by_name = {persona.name: persona for persona in PERSONAS}
    (failing,) = simulate_persona(by_name["failing on and on"], seed=0, learners=1)
    answers = [action for action in failing.actions if action.kind == "answered"]
    assert {action.value for action in answers} == {"wrong"}
    assert (failing.seconds, len(answers)) == (2400, 79)
    (mixed,) = simulate_persona(by_name["wrong, wrong, right"], seed=0, learners=1)
    values = [action.value for action in mixed.actions if action.kind == "answered"]
    assert values[:6] == ["wrong", "wrong", "right"] * 2


def test_auc_counts_ties_half() -> None:
    assert compute_auc([2, 3], [0, 1]) == 1.0
    assert compute_auc([1, 1], [1, 1]) == 0.5
    assert compute_auc([0, 2], [1]) == 0.5


@pytest.mark.parametrize(
    "text", ["[a.b]\nvalue = 1", '[a.b]\nvalue = 1\nsource = ""', '[a.b]\nsource = "x"']
)
def test_assumption_without_value_or_source_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"a\.b must have a value and a source"):
        parse_assumptions(text)


def test_assumptions_of_both_generators_have_sources() -> None:
    sources = [*ASSUMPTIONS.sources.values(), *MARKOV.sources.values()]
    assert all(len(source) > 4 for source in sources)
