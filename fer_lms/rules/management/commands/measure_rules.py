import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from fer_lms.rules.trials.measuring import measure_conditions, measure_cost

HEADER = f"{'simulated class':24} {'rule':18} {'hit rate':>9} {'false/h':>9} {'delay s':>8}"


class Command(BaseCommand):
    help = (
        "Measure how well the default rule, the face alone and interactions alone detect the "
        "difficult episodes of simulated classes. The same seeds give the same numbers. Not "
        "measured on people."
    )
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--learners", type=int, default=24, help="number of learners in each of five classes"
        )
        parser.add_argument("--minutes", type=int, default=40, help="duration of the lesson")
        parser.add_argument("--json", action="store_true")

    def handle(self, *_args: Any, **options: Any) -> None:
        rows = measure_conditions(learners=options["learners"], minutes=options["minutes"])
        cost = measure_cost()
        if options["json"]:
            self.stdout.write(json.dumps({"rows": rows, "cost": cost}, indent=1))
            return
        self.stdout.write(HEADER)
        for row in rows:
            false_alarms = row["false_alarms_per_learner_hour"]
            self.stdout.write(
                f"{row['condition']:24} {row['rule']:18} {_format(row['hit_rate']):>9} "
                f"{_format(false_alarms):>9} {_format(row['median_delay_seconds']):>8}"
            )
        self.stdout.write(
            f"cost of one window, {cost['rules']:.0f} rules: {cost['formulas_and_rules_ms']} ms of "
            f"CPU; with the state as JSON around it {cost['with_state_as_json_ms']} ms"
        )


def _format(value: float | None) -> str:
    return "-" if value is None else f"{value:g}"
