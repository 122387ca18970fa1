from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from fer_lms.people.models import User
from fer_lms.xapi.models import Statement
from fer_lms.xapi.queries import is_enabled
from fer_lms.xapi.statements import compute_pseudonym


class Command(BaseCommand):
    help = "Shows the outbox of the learning record store (LRS), or a person's pseudonym there."

    def add_arguments(self, parser: CommandParser) -> None:
        commands = parser.add_subparsers(dest="command", required=True)
        commands.add_parser("status", help="waiting and rejected statements")
        pseudonym = commands.add_parser("pseudonym", help="a person's id in the LRS")
        pseudonym.add_argument("person", help="user name")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["command"] == "pseudonym":
            person = User.objects.filter(username=options["person"]).first()
            if person is None:
                raise CommandError("No person has this user name.")
            self.stdout.write(compute_pseudonym(person.public_id))
            return
        waiting = Statement.objects.filter(refusal="")
        oldest = waiting.order_by("queued_at").values_list("queued_at", flat=True).first()
        self.stdout.write(f"xAPI is {'on' if is_enabled() else 'off'}.")
        self.stdout.write(f"{waiting.count()} statements wait; the oldest since {oldest or '-'}.")
        for rejected in Statement.objects.exclude(refusal="").order_by("queued_at"):
            verb = rejected.body["verb"]["display"]["en"]
            self.stdout.write(f"refused ({rejected.refusal}): {rejected.pk}, {verb}")
