import json
import sys
import uuid
from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError

from fer_lms.lessons.models import LessonSession
from fer_lms.rules.engine.evaluation import Firing
from fer_lms.rules.engine.explanations import explain
from fer_lms.rules.trials.replay import ReplayResult, replay_session
from inference.command_line import add_examples

COMPARISON: Final = {
    True: "the same",
    False: "NOT the same",
    None: "cannot be compared: evidence was erased since, or an earlier release evaluated it",
}


class Command(BaseCommand):
    help = (
        "Evaluate the rules again over the stored windows and interactions of a session. Exit code "
        "1 where they fire at other events than live, and nothing was erased since."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_examples(
            parser,
            "manage.py replay_rules 7f8f2f0a-64a4-4be5-8a1f-1f6a4a3f0f5e --json",
            exit_1="hints differ from those of the lesson, or no such session",
        )
        parser.add_argument("session", help="id of the session")
        parser.add_argument("--json", action="store_true")

    def handle(self, *_args: Any, **options: Any) -> None:
        report = build_report(replay_session(_get_session(options["session"])))
        text = json.dumps(report, indent=1) if options["json"] else format_report(report)
        self.stdout.write(text)
        if report["same"] is False:
            sys.exit(1)


def _get_session(text: str) -> LessonSession:
    try:
        session = LessonSession.objects.filter(pk=uuid.UUID(text)).first()
    except ValueError as error:
        raise CommandError(f"{text!r} is not the id of a session; pass a UUID.") from error
    if session is None:
        raise CommandError(f"There is no session {text}; pass the id of a stored one.")
    return session


def build_report(results: list[ReplayResult]) -> dict[str, Any]:
    """Return the JSON document; the same rows give the same document."""
    return {
        "participants": len(results),
        "fired": sum(len(result.firings) for result in results),
        "fired_live": sum(len(result.live_hints) for result in results),
        "erased": sum(result.erased_count for result in results),
        "same": _combine([result.is_same for result in results]),
        "firings": [
            {
                "participant_id": str(result.participant.pk),
                "same": result.is_same,
                "replayed": [_to_row(firing) for firing in result.firings],
                "live": [
                    {
                        "rule_id": hint.rule_id,
                        "version_id": hint.version_id,
                        "occasion": hint.occasion,
                        "state": hint.state,
                    }
                    for hint in result.live_hints
                ],
            }
            for result in results
            if result.firings or result.live_hints
        ],
    }


def _combine(comparisons: list[bool | None]) -> bool | None:
    """Return None if some cannot be compared and all others are the same."""
    if False in comparisons:
        return False
    return None if None in comparisons else True


def _to_row(firing: Firing) -> dict[str, Any]:
    verdict = firing.verdict
    return {
        "rule_id": firing.rule_id,
        "version_id": firing.version_id,
        "occasion": firing.event_key,
        "at": datetime.fromtimestamp(firing.at, tz=UTC).isoformat(),
        "step_id": firing.step,
        "value": None if verdict.value is None else round(verdict.value, 4),
        "parts": {name: round(amount, 4) for name, amount in sorted(verdict.parts.items())},
        "why": explain(verdict, "teacher"),
    }


def format_report(report: dict[str, Any]) -> str:
    lines = [
        f"{report['participants']} learners evaluated; {report['fired']} hints in the replay, "
        f"{report['fired_live']} live: {COMPARISON[report['same']]}"
    ]
    if report["erased"]:
        lines.append(f"{report['erased']} hints whose evidence was erased cannot be replayed")
    for learner in report["firings"]:
        lines.append(f"learner {learner['participant_id']}: {COMPARISON[learner['same']]}")
        lines += [f"  {firing['at']}  {firing['why']}" for firing in learner["replayed"]]
    return "\n".join(lines)
