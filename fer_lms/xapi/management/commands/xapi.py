import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.serializers.json import DjangoJSONEncoder

from fer_lms.people.models import User
from fer_lms.xapi.models import Statement
from fer_lms.xapi.queries import is_enabled
from fer_lms.xapi.statements import compute_pseudonym
from inference.command_line import add_examples


class Command(BaseCommand):
    help = "Shows the outbox of the learning record store (LRS), or a person's pseudonym there."

    def add_arguments(self, parser: CommandParser) -> None:
        commands = parser.add_subparsers(dest="command", required=True)
        status = commands.add_parser("status", help="waiting and rejected statements")
        status.add_argument("--json", action="store_true", help="print them as JSON")
        pseudonym = commands.add_parser("pseudonym", help="a person's id in the LRS")
        pseudonym.add_argument("person", help="user name")
        add_examples(
            parser,
            "manage.py xapi status --json",
            "manage.py xapi pseudonym ada",
            exit_1="no such person, or no record store",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["command"] == "pseudonym":
            person = User.objects.filter(username=options["person"]).first()
            if person is None:
                raise CommandError("No person has this user name.")
            self.stdout.write(compute_pseudonym(person.public_id))
            return
        waiting = Statement.objects.filter(refusal="")
        oldest = waiting.order_by("queued_at").values_list("queued_at", flat=True).first()
        if options["json"]:
            refused = Statement.objects.exclude(refusal="").order_by("queued_at")
            report = {
                "enabled": is_enabled(),
                "waiting": waiting.count(),
                "oldest": oldest,
                "refused": list(refused.values("id", "refusal")),
            }
            self.stdout.write(json.dumps(report, cls=DjangoJSONEncoder))
            return
        self.stdout.write(f"xAPI is {'on' if is_enabled() else 'off'}.")
        self.stdout.write(f"{waiting.count()} statements wait; the oldest since {oldest or '-'}.")
        for rejected in Statement.objects.exclude(refusal="").order_by("queued_at"):
            verb = rejected.body["verb"]["display"]["en"]
            self.stdout.write(f"refused ({rejected.refusal}): {rejected.pk}, {verb}")
