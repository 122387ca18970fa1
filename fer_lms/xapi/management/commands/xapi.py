from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from fer_lms.people.models import User
from fer_lms.xapi.actions import is_on
from fer_lms.xapi.models import Statement
from fer_lms.xapi.statements import pseudonym


class Command(BaseCommand):
    help = "What waits for the learning record store; somebody's pseudonym in it."

    def add_arguments(self, parser: CommandParser) -> None:
        commands = parser.add_subparsers(dest="command", required=True)
        commands.add_parser("status", help="what waits, and what the store refused")
        named = commands.add_parser("pseudonym", help="who a person is in the store")
        named.add_argument("person", help="user name")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["command"] == "pseudonym":
            person = User.objects.filter(username=options["person"]).first()
            if person is None:
                raise CommandError("Nobody has this user name.")
            self.stdout.write(pseudonym(person.public_id))
            return
        waiting = Statement.objects.filter(refusal="")
        oldest = waiting.order_by("queued_at").values_list("queued_at", flat=True).first()
        self.stdout.write(f"xAPI is {'on' if is_on() else 'off'}.")
        self.stdout.write(f"{waiting.count()} statements wait; the oldest since {oldest or '-'}.")
        for refused in Statement.objects.exclude(refusal="").order_by("queued_at"):
            verb = refused.body["verb"]["display"]["en"]
            self.stdout.write(f"refused ({refused.refusal}): {refused.pk}, {verb}")
