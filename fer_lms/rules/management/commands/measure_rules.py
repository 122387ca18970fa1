import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from fer_lms.rules.trials.measuring import cost_per_window, measure

HEAD = f"{'made-up class':24} {'rule':18} {'hit rate':>9} {'false/h':>9} {'delay s':>8}"


class Command(BaseCommand):
    help = (
        "How well the default rule, the face alone and interactions alone meet the known hard "
        "times of made-up classes; the same seeds give the same figures. Not measured on people."
    )
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--learners", type=int, default=24, help="in each of five classes")
        parser.add_argument("--minutes", type=int, default=40)
        parser.add_argument("--json", action="store_true")

    def handle(self, *_args: Any, **options: Any) -> None:
        rows = measure(learners=options["learners"], minutes=options["minutes"])
        cost = cost_per_window()
        if options["json"]:
            self.stdout.write(json.dumps({"rows": rows, "cost": cost}, indent=1))
            return
        self.stdout.write(HEAD)
        for row in rows:
            false_alarms = row["false_alarms_per_learner_hour"]
            self.stdout.write(
                f"{row['condition']:24} {row['rule']:18} {_shown(row['hit_rate']):>9} "
                f"{_shown(false_alarms):>9} {_shown(row['median_delay_seconds']):>8}"
            )
        self.stdout.write(
            f"cost of one window, {cost['rules']:.0f} rules: {cost['formulas_and_rules_ms']} ms of "
            f"CPU; with the state as JSON around it {cost['with_state_as_json_ms']} ms"
        )


def _shown(value: float | None) -> str:
    return "-" if value is None else f"{value:g}"
