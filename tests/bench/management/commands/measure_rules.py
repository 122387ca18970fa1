from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from fer_lms.rules.trials.moments import format_comparison
from fer_lms.rules.trials.session_moments import compare_session_sources
from inference.command_line import add_examples, parse_positive_count, parse_share
from tests.bench.benchmark_command import BenchmarkCommand
from tests.bench.errors import BenchmarkError


class Command(BenchmarkCommand):
    help = (
        "Measure policies for hints side by side on simulated learners: the product's rules, with "
        "and without faces, counters of wrong answers, hints at intervals. The same seeds give the "
        "same figures. Not measured on people."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--classes",
            type=parse_positive_count,
            default=8,
            help="number of classes of each generator",
        )
        parser.add_argument(
            "--learners", type=parse_positive_count, default=24, help="learners in each class"
        )
        parser.add_argument(
            "--minutes", type=parse_positive_count, default=40, help="duration of the lesson"
        )
        parser.add_argument(
            "--face-auc",
            type=parse_share,
            nargs="+",
            default=[0.57, 0.65, 0.75],
            help="validity of the simulated faces per window, 0.5 to 0.77",
        )
        parser.add_argument(
            "--error-rate", type=parse_share, help="share of wrong answers outside episodes (0.35)"
        )
        parser.add_argument(
            "--tuning",
            action="store_true",
            help="use the seeds for tuning instead of those held out for reporting",
        )
        parser.add_argument(
            "--parts",
            nargs="+",
            choices=["generators", "personas", "rows", "cost"],
            default=["generators", "personas", "rows", "cost"],
            help="measure these parts only",
        )
        parser.add_argument(
            "--jobs", type=parse_positive_count, default=1, help="number of processes"
        )
        parser.add_argument(
            "--write-docs",
            type=Path,
            metavar="FOLDER",
            help="write the figures and curves into this documentation folder",
        )
        parser.add_argument(
            "--from-sessions",
            action="store_true",
            help="use learners' stored answers instead of simulated classes",
        )
        super().add_arguments(parser)
        add_examples(
            parser,
            "manage.py measure_rules --parts cost --json",
            exit_1="a goal of the measurement is missed, or an error",
        )

    def measure(self, options: dict[str, Any]) -> dict[str, Any]:
        from tests.bench.rules.extent import HELD_OUT_SEEDS, PARTS, TUNING_SEEDS, Extent
        from tests.bench.rules.measuring import measure_rules
        from tests.bench.rules.report import write_docs

        if options["from_sessions"]:
            return compare_session_sources().to_json()
        if options["write_docs"] and len(options["parts"]) < len(PARTS):
            raise BenchmarkError("--write-docs needs all parts: leave out --parts.")
        seeds = TUNING_SEEDS if options["tuning"] else HELD_OUT_SEEDS
        result = measure_rules(
            Extent(
                seeds=seeds[: options["classes"]],
                learners=options["learners"],
                minutes=options["minutes"],
                face_aucs=options["face_auc"],
                error_rate=options["error_rate"],
                parts=options["parts"],
            ),
            jobs=options["jobs"],
        )
        for file in write_docs(result, options["write_docs"]) if options["write_docs"] else ():
            self.log(f"Wrote {file}.")
        return result

    def format_text(self, result: dict[str, Any]) -> str:
        from tests.bench.rules.text import format_result

        if "conclusion" in result:
            return format_comparison(result)
        return format_result(result)
