from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from fer_lms.demo.actions import ADMIN, admin_password_file, ensure_demo
from fer_lms.demo.checks import check_demo_isolation


class Command(BaseCommand):
    help = "Loads the demonstration: policy, lesson, administrator, a class of simulated learners."

    def handle(self, *_args: Any, **_options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("This is not a demonstration: FER_DEMO is not set.")
        for refusal in check_demo_isolation():
            raise CommandError(str(refusal.msg))
        session = ensure_demo()
        password = admin_password_file().read_text().strip()
        self.stdout.write(f"open sitting {session.pk}")
        self.stdout.write(f"administrator: {ADMIN}, password {password}")
