"""Every command: help with examples that parse, exit codes, JSON where a script would read it."""

import argparse
import importlib
import importlib.util
import io
import json
import re
import shlex
from collections.abc import Iterator, Mapping
from typing import Final

import pytest
from django.core.management import call_command, get_commands, load_command_class

import fer_lms.__main__
import fer_lms.translations.__main__
import inference.__main__
from tests.access.world import make_platform
from tests.factories import make_learner, make_session, make_supporter

HAS_TRAINING: Final = importlib.util.find_spec("torch") is not None
"""PyTorch is in no lock file: without it, training is not tested."""
NO_JSON: Final[Mapping[str, str]] = {
    "manage.py demo": "runs until it is stopped",
    "manage.py setup_demo": "prints a password once, for a person",
    "manage.py rights_token": "prints a token once, for a person",
    "manage.py data_inventory": "writes files; --check has an exit code",
    "manage.py export_person": "writes JSON",
    "manage.py fit_evidence": "writes a JSON file",
    "manage.py supporter name": "prints one line",
    "manage.py supporter end": "prints one line",
    "manage.py xapi pseudonym": "prints one word",
    **{
        f"manage.py lti_platform {name}": "prints what a person enters in an LMS, or one line"
        for name in ("add", "invite", "paste", "rotate-keys", "on", "off", "remove", "sync")
    },
    "manage.py lti_platform deployment": "prints nothing",
    "manage.py lti_platform origin": "prints nothing",
    **{
        f"fer-lms {name}": "starts a process, which logs JSON"
        for name in ("web", "worker", "beat", "fetch-models")
    },
    "python -m fer_lms.translations update": "writes files",
    "python -m fer_lms.translations compile": "writes files",
    "python -m fer_lms.translations batch": "prints JSON",
    "python -m fer_lms.translations fill": "prints JSON",
    "python -m inference fetch-models": "prints where a file is",
    **{
        f"python -m inference.training {name}": "writes its result as JSON: --out, or the run's"
        for name in ("prepare", "eyes", "train", "teach", "average", "soup", "runs", "keep")
    },
    **{
        f"python -m inference.training {name}": "writes its result as JSON, or files"
        for name in ("restore", "evaluate", "compare", "export", "card")
    },
}
"""Commands without --json, and why no script needs it."""


def list_parsers() -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """Yield (how it is called, parser) of every program and management command."""
    for name, app in sorted(get_commands().items()):
        if app.startswith(("fer_lms.", "tests.")):
            command = load_command_class(app, name)
            command._called_from_command_line = True  # type: ignore[attr-defined]
            yield f"manage.py {name}", command.create_parser("manage.py", name)
    modules = [fer_lms.__main__, fer_lms.translations.__main__]
    if HAS_TRAINING:
        modules.append(importlib.import_module("inference.training.__main__"))
    for module in modules:
        parser = module.build_parser()
        yield parser.prog, parser
    parser = inference.__main__._build_parser()
    yield parser.prog, parser


def list_leaves(
    name: str, parser: argparse.ArgumentParser
) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """Yield the sub-commands of a command, or the command itself where it has none."""
    choices = [
        action.choices
        for action in parser._actions
        if isinstance(action, argparse._SubParsersAction)
    ]
    if not choices:
        yield name, parser
    for item in choices:
        for command, child in item.items():
            yield from list_leaves(f"{name} {command}", child)


PARSERS = dict(list_parsers())
LEAVES = dict(leaf for name, parser in PARSERS.items() for leaf in list_leaves(name, parser))


def read_examples(parser: argparse.ArgumentParser) -> list[str]:
    help_text = parser.format_help()
    found = re.search(r"\nExamples:\n((?:  \S.*\n)+)", help_text)
    assert found, f"{parser.prog} --help has no examples: add_examples"
    return [line.strip() for line in found[1].splitlines()]


def split_example(example: str, name: str) -> list[str]:
    """Return the arguments of an example, without variables and the name of the program."""
    words = [word for word in shlex.split(example) if not re.fullmatch(r"[A-Z_]+=\S*", word)]
    called = name.split()
    assert words[: len(called)] == called, f"{example!r} does not call {name}"
    return words[len(called) :]


def test_the_walk_finds_the_commands() -> None:
    assert len(PARSERS) > 30
    assert {"manage.py doctor", "manage.py simulate", "fer-lms", "python -m inference"} <= set(
        PARSERS
    )
    missing = NO_JSON.keys() - LEAVES.keys()
    assert not {name for name in missing if HAS_TRAINING or "inference.training" not in name}


@pytest.mark.parametrize("name", PARSERS)
def test_examples_parse(name: str) -> None:
    parser = PARSERS[name]
    for example in read_examples(parser):
        parser.parse_args(split_example(example, name))


@pytest.mark.parametrize("name", LEAVES)
def test_every_command_shows_how_it_is_called(name: str) -> None:
    words = name.split()
    examples = [example for example in read_examples(LEAVES[name]) if words[-1] in example.split()]
    assert examples
    assert re.search(r"\nExit codes:\n  0 .+\n(  1 .+\n)?  2 ", LEAVES[name].format_help())


@pytest.mark.parametrize("name", LEAVES)
def test_a_command_prints_json_or_states_why_not(name: str) -> None:
    has_json = "--json" in LEAVES[name]._option_string_actions
    assert has_json != (name in NO_JSON), "give it --json, or a reason in NO_JSON"


@pytest.mark.parametrize("name", PARSERS)
def test_wrong_arguments_are_exit_code_2(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        PARSERS[name].parse_args(["--no-such-option"])
    assert ended.value.code == 2
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("arguments", "keys"),
    [
        (["purge_expired", "--dry-run"], {"dry_run", "counts"}),
        (["erase_person", "{learner}", "--dry-run"], {"erased", "receipt", "counts"}),
        (["supporter", "list"], {"id", "course_id", "supporter", "learner", "until"}),
        (["lti_platform", "list"], {"id", "active", "name", "issuer", "deployments"}),
        (["xapi", "status"], {"enabled", "waiting", "oldest", "refused"}),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_json_is_one_document(arguments: list[str], keys: set[str]) -> None:
    learner = make_learner(make_session())
    make_supporter(learner)
    make_platform("https://lms.example")
    printed = io.StringIO()
    words = [word.replace("{learner}", learner.user.username) for word in arguments]
    call_command(*words, "--json", stdout=printed)
    document = json.loads(printed.getvalue())
    rows = document if isinstance(document, list) else [document]
    assert len(rows) == 1
    assert keys <= rows[0].keys()
