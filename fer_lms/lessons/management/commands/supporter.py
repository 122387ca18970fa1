import json
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone
from django.utils.dateparse import parse_date

from fer_lms.lessons.models import Course, Supporter
from fer_lms.lessons.queries import list_active_supporters
from fer_lms.lessons.support_actions import SupporterError, assign_supporter, end_support
from fer_lms.people.models import User
from inference.command_line import add_examples, parse_positive_count


class Command(BaseCommand):
    help = (
        "Names, lists and ends support persons of learners. A support person sees nothing until "
        "the learner consents."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        commands = parser.add_subparsers(dest="command", required=True)
        name = commands.add_parser("name", help="name a supporter")
        name.add_argument(
            "--course", type=parse_positive_count, required=True, help="id of the course"
        )
        name.add_argument("--supporter", required=True, help="user name")
        name.add_argument("--learner", required=True, help="user name")
        name.add_argument("--until", help="last day, e.g. 2027-07-31 (default: until ended)")
        listing = commands.add_parser("list", help="list active links by public ids")
        listing.add_argument("--json", action="store_true", help="print them as JSON")
        end = commands.add_parser("end", help="end a link now")
        end.add_argument("link", help="id of the link, as printed by `list`")
        add_examples(
            parser,
            "manage.py supporter name --course 3 --supporter noor --learner ada --until 2027-07-31",
            "manage.py supporter list --json",
            "manage.py supporter end b7e37f24-cf19-4cbf-bf78-5bd81583c16a",
            exit_1="no such person, course or link",
        )

    def handle(self, *_args: Any, command: str, **options: Any) -> None:
        getattr(self, f"_{command}")(options)

    def _name(self, options: dict[str, Any]) -> None:
        course = Course.objects.filter(pk=options["course"]).first()
        if course is None:
            raise CommandError(f"Course {options['course']} not found.")
        try:
            link = assign_supporter(
                course=course,
                supporter=_get_person(options["supporter"]),
                learner=_get_person(options["learner"]),
                until=_parse_end_of_day(options["until"]),
                actor=None,
            )
        except SupporterError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"named: {link.pk}")
        self.stdout.write("The learner is asked for consent on their page and in the lesson.")

    def _list(self, options: dict[str, Any]) -> None:
        links = list_active_supporters().order_by("since")
        if options["json"]:
            rows = [
                {
                    "id": link.pk,
                    "course_id": link.course_id,
                    "supporter": link.supporter.public_id,
                    "learner": link.learner.public_id,
                    "until": link.until,
                }
                for link in links
            ]
            self.stdout.write(json.dumps(rows, cls=DjangoJSONEncoder))
            return
        for link in links:
            until = f"{link.until:%Y-%m-%d}" if link.until else "open"
            people = f"{link.supporter.public_id} supports {link.learner.public_id}"
            self.stdout.write(f"{link.pk}  course {link.course_id}  {people}  until {until}")

    def _end(self, options: dict[str, Any]) -> None:
        try:
            link = Supporter.objects.filter(pk=options["link"]).first()
        except ValidationError:
            link = None
        if link is None:
            raise CommandError(
                f"Link {options['link']} not found. Run `supporter list` for the active links."
            )
        end_support(link=link, actor=None)
        self.stdout.write("ended")


def _get_person(username: str) -> User:
    person = User.objects.filter(username=username).first()
    if person is None:
        raise CommandError(f"User {username} not found.")
    return person


def _parse_end_of_day(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    if day is None:
        raise CommandError("Invalid date. Use the form 2027-07-31.")
    return timezone.make_aware(datetime(day.year, day.month, day.day, 23, 59, 59))
