import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from fer_lms.rules.trials.moments import format_comparison
from fer_lms.rules.trials.session_moments import compare_session_sources
from inference.command_line import add_examples


class Command(BaseCommand):
    help = (
        "Compare hints with and without facial evidence by learners' own answers to 'Was this the "
        "right moment?', for groups of learners only. Simulated classes are measured in a checkout."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_examples(parser, "manage.py measure_rules --from-sessions --json", exit_1="an error")
        parser.add_argument("--from-sessions", action="store_true", help="use stored answers")
        parser.add_argument("--json", action="store_true")

    def handle(self, *_args: Any, **options: Any) -> None:
        if not options["from_sessions"]:
            raise CommandError(
                "Simulated classes are measured in a checkout of the source. Pass --from-sessions "
                "to measure with learners' answers."
            )
        comparison = compare_session_sources()
        if options["json"]:
            self.stdout.write(json.dumps(comparison.to_json(), indent=1))
        else:
            self.stdout.write(format_comparison(comparison.to_json()))
