from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_date

from fer_lms.lessons.models import Course, Supporter
from fer_lms.lessons.queries import active_supports
from fer_lms.lessons.support_actions import SupporterError, end_support, name_supporter
from fer_lms.people.models import User


class Command(BaseCommand):
    help = (
        "Says who supports which learner in a course. The supporter sees nothing until the learner "
        "says yes."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        commands = parser.add_subparsers(dest="command", required=True)
        name = commands.add_parser("name", help="name a supporter")
        name.add_argument("--course", type=int, required=True, help="number of the course")
        name.add_argument("--supporter", required=True, help="user name")
        name.add_argument("--learner", required=True, help="user name")
        name.add_argument("--until", help="last day, as 2027-07-31; left out: until it is ended")
        commands.add_parser("list", help="who supports whom now, without names")
        end = commands.add_parser("end", help="end it now")
        end.add_argument("link", help="as `list` shows it")

    def handle(self, *_args: Any, command: str, **options: Any) -> None:
        getattr(self, f"_{command}")(options)

    def _name(self, options: dict[str, Any]) -> None:
        course = Course.objects.filter(pk=options["course"]).first()
        if course is None:
            raise CommandError("There is no such course.")
        try:
            link = name_supporter(
                course=course,
                supporter=_person(options["supporter"]),
                learner=_person(options["learner"]),
                until=_end_of_day(options["until"]),
                actor=None,
            )
        except SupporterError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"named: {link.pk}")
        self.stdout.write("The learner is asked on the own page, and in the next camera question.")

    def _list(self, _options: dict[str, Any]) -> None:
        for link in active_supports().order_by("since"):
            until = f"{link.until:%Y-%m-%d}" if link.until else "open"
            people = f"{link.supporter.public_id} supports {link.learner.public_id}"
            self.stdout.write(f"{link.pk}  course {link.course_id}  {people}  until {until}")

    def _end(self, options: dict[str, Any]) -> None:
        try:
            link = Supporter.objects.filter(pk=options["link"]).first()
        except ValidationError:
            link = None
        if link is None:
            raise CommandError("There is no such link.")
        end_support(link=link, actor=None)
        self.stdout.write("ended")


def _person(username: str) -> User:
    person = User.objects.filter(username=username).first()
    if person is None:
        raise CommandError(f"There is no person {username}.")
    return person


def _end_of_day(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    if day is None:
        raise CommandError("Write the day as 2027-07-31.")
    return timezone.make_aware(datetime(day.year, day.month, day.day, 23, 59, 59))
