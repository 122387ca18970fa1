import json
import sys
import uuid
from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError

from fer_lms.lessons.models import LessonSession
from fer_lms.rules.engine.evaluation import Firing
from fer_lms.rules.engine.wording import why
from fer_lms.rules.trials.replay import ReplayResult, replay_session

SAME: Final = {
    True: "the same",
    False: "NOT the same",
    None: "cannot be compared, evidence was erased since",
}


class Command(BaseCommand):
    help = (
        "Runs the rules over a sitting's stored windows and interactions again. Exit code 1 where "
        "they speak at other events than they did live and nothing was erased since."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("session", help="id of the sitting")
        parser.add_argument("--json", action="store_true")

    def handle(self, *_args: Any, **options: Any) -> None:
        result = figures(replay_session(_session(options["session"])))
        self.stdout.write(json.dumps(result, indent=1) if options["json"] else as_text(result))
        if result["same"] is False:
            sys.exit(1)


def _session(text: str) -> LessonSession:
    try:
        session = LessonSession.objects.filter(pk=uuid.UUID(text)).first()
    except ValueError as error:
        raise CommandError("That is no id of a sitting.") from error
    if session is None:
        raise CommandError("There is no such sitting.")
    return session


def figures(replayed: list[ReplayResult]) -> dict[str, Any]:
    """The same rows give the same answer, byte for byte."""
    return {
        "participants": len(replayed),
        "fired": sum(len(each.firings) for each in replayed),
        "fired_live": sum(len(each.live) for each in replayed),
        "erased": sum(each.erased for each in replayed),
        "same": _all_same([each.same for each in replayed]),
        "firings": [
            {
                "participant_id": str(each.participant.pk),
                "same": each.same,
                "replayed": [_row(firing) for firing in each.firings],
                "live": [
                    {"rule_id": hint.rule_id, "version_id": hint.version_id}
                    | {"occasion": hint.occasion, "state": hint.state}
                    for hint in each.live
                ],
            }
            for each in replayed
            if each.firings or each.live
        ],
    }


def _all_same(same: list[bool | None]) -> bool | None:
    """None: some cannot be compared, and all others are the same."""
    if False in same:
        return False
    return None if None in same else True


def _row(firing: Firing) -> dict[str, Any]:
    return {
        "rule_id": firing.rule,
        "version_id": firing.version,
        "occasion": firing.occasion,
        "at": datetime.fromtimestamp(firing.at, tz=UTC).isoformat(),
        "step_id": firing.step,
        "value": None if firing.verdict.value is None else round(firing.verdict.value, 4),
        "parts": {name: round(amount, 4) for name, amount in sorted(firing.verdict.parts.items())},
        "why": why(firing.verdict, "teacher"),
    }


def as_text(result: dict[str, Any]) -> str:
    lines = [
        f"{result['participants']} learners evaluated; {result['fired']} hints in the replay, "
        f"{result['fired_live']} live: {SAME[result['same']]}"
    ]
    if result["erased"]:
        lines.append(f"{result['erased']} hints whose evidence was erased cannot be replayed")
    for learner in result["firings"]:
        lines.append(f"learner {learner['participant_id']}: {SAME[learner['same']]}")
        lines += [f"  {each['at']}  {each['why']}" for each in learner["replayed"]]
    return "\n".join(lines)
