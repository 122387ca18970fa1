"""The experiments in YAML: the frozen table of their options, and what the loader refuses."""

import argparse
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="torch is not installed: training is not tested")

from inference.training.__main__ import build_parser
from inference.training.errors import BadData
from inference.training.train.experiments import Experiment, load_experiments

FROZEN = Path(__file__).parent / "frozen_experiments.txt"
EXPERIMENTS = load_experiments()


def read_frozen() -> dict[str, tuple[str, str]]:
    """Former name -> options and teachers, with present names of runs."""
    lines = [line for line in FROZEN.read_text().splitlines() if not line.startswith("#")]
    found = {}
    for line in lines:
        name, options, teachers = (part.strip() for part in line.split("|"))
        words = [
            f"runs/{EXPERIMENTS.get_current_name(word.split('/')[1])}/best.pt"
            if word.startswith("runs/") and word.endswith("/best.pt")
            else word
            for word in options.split()
        ]
        taught = " ".join(EXPERIMENTS.get_current_name(word) for word in teachers.split())
        found[EXPERIMENTS.get_current_name(name)] = (" ".join(words), taught)
    return found


def parse(options: str) -> argparse.Namespace:
    return build_parser().parse_args(["train", "--run", "x", *options.split()])


@pytest.mark.parametrize("experiment", EXPERIMENTS.runs, ids=lambda experiment: experiment.name)
def test_an_experiment_has_its_frozen_options(experiment: Experiment) -> None:
    options, teachers = read_frozen()[experiment.name]
    assert parse(" ".join(experiment.build_train_options(Path("runs")))) == parse(options)
    live = "(live) " if experiment.live_teachers else ""
    assert live + " ".join(experiment.teachers) == teachers


def test_the_frozen_table_is_complete() -> None:
    assert set(read_frozen()) == {experiment.name for experiment in EXPERIMENTS.runs}


def test_former_names_are_resolved() -> None:
    assert EXPERIMENTS.get_current_name("student") == "kd-2teachers-14ep"
    assert EXPERIMENTS.get_current_name("third-soup") == "average-kd-votes"
    assert EXPERIMENTS.get_current_name("official-mobilenet_v2") == "official-mobilenet_v2"


ENTRY = "description: a, hours: 1"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("experiments: [a]", "experiments must be a mapping"),
        ("runs: {}", "unknown key runs; known are templates, experiments, averages"),
        (f"experiments: {{a: {{{ENTRY}, teacher: b}}}}", "a: unknown key teacher"),
        (f"experiments: {{a: {{{ENTRY}, settings: {{lr: 1}}}}}}", "a: settings: unknown key lr"),
        ("experiments: {a: {hours: 1}}", "a: description missing"),
        (f"experiments: {{a: {{{ENTRY}, base: b}}}}", "a: no experiment or template is called b"),
        (f"experiments: {{a: {{{ENTRY}, start: b}}}}", "a: no experiment is called b, which it st"),
        (
            f"experiments: {{a: {{{ENTRY}, teachers: [b], settings: {{teacher_share: 1}}}}}}",
            "a: no experiment is called b, one of its teachers",
        ),
        (f"experiments: {{a: {{{ENTRY}, teachers: [a]}}}}", "must be given together"),
        (f"experiments: {{a: {{{ENTRY}, base: b}}, b: {{{ENTRY}, base: a}}}}", "a cycle"),
        (f"experiments: {{a: {{{ENTRY}, start: b}}, b: {{{ENTRY}, start: a}}}}", "a needs b needs"),
        ("averages: {a: {candidates: [b]}}", "average a: no experiment is called b"),
        (f"templates: {{a: {{}}}}\nexperiments: {{a: {{{ENTRY}}}}}", "a is defined twice"),
        ("experiments: {a: [", "is not valid YAML"),
    ],
)
def test_invalid_experiments_are_refused(tmp_path: Path, text: str, complaint: str) -> None:
    (tmp_path / "some.yaml").write_text(text)
    with pytest.raises(BadData, match=complaint):
        load_experiments(tmp_path)


def test_an_entry_takes_what_it_does_not_set_from_its_base(tmp_path: Path) -> None:
    (tmp_path / "some.yaml").write_text(
        "templates: {t: {hours: 2, settings: {seed: 1, balance: 0.5}}}\n"
        "experiments: {a: {base: t, description: a, formerly: z, settings: {seed: 3}}}\n"
    )
    (run,) = load_experiments(tmp_path).runs
    assert (run.hours, run.formerly) == (2, "z")
    assert run.settings == {"seed": 3, "balance": 0.5}


def test_former_option_and_command_still_work(capsys: pytest.CaptureFixture[str]) -> None:
    typed = parse("--gentle-epochs 4")
    assert typed.low_augmentation_epochs == 4
    assert capsys.readouterr().err == "--gentle-epochs is renamed; use --low-augmentation-epochs\n"
