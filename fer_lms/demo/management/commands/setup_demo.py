from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from fer_lms.demo.actions import ADMIN_USERNAME, ensure_demo_data, get_admin_password_path
from fer_lms.demo.checks import check_demo_isolation
from fer_lms.demo.past_sessions import ensure_past_sessions
from inference.command_line import add_examples


class Command(BaseCommand):
    help = "Creates the demonstration: policy, lessons, administrator, simulated class."

    def add_arguments(self, parser: CommandParser) -> None:
        add_examples(
            parser,
            "FER_DEMO=1 manage.py setup_demo",
            exit_1="demo mode is off or not possible here",
        )

    def handle(self, *_args: Any, **_options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("Demo mode is off. Set FER_DEMO=1.")
        for error in check_demo_isolation():
            raise CommandError(str(error.msg))
        session = ensure_demo_data()
        ensure_past_sessions()
        password = get_admin_password_path().read_text().strip()
        self.stdout.write(f"open session {session.pk}")
        self.stdout.write(f"administrator: {ADMIN_USERNAME}, password {password}")
