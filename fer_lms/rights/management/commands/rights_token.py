from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from fer_lms.lti.models import Platform
from fer_lms.rights.tokens import create_token, revoke_tokens
from inference.command_line import add_examples, parse_positive_count


class Command(BaseCommand):
    help = "Creates or revokes a token by which a platform's privacy tools export and erase."

    def add_arguments(self, parser: CommandParser) -> None:
        add_examples(
            parser,
            "manage.py rights_token 1",
            "manage.py rights_token 1 --revoke",
            exit_1="no such platform",
        )
        parser.add_argument(
            "platform", type=parse_positive_count, help="its number in `lti_platform list`"
        )
        parser.add_argument(
            "--revoke", action="store_true", help="revoke all of this platform's tokens"
        )

    def handle(self, *_args: Any, platform: int, revoke: bool, **_options: Any) -> None:
        found = Platform.objects.filter(pk=platform).first()
        if found is None:
            raise CommandError("There is no such platform. See `lti_platform list`.")
        if revoke:
            self.stdout.write(f"{revoke_tokens(platform=found)} tokens revoked")
            return
        token = create_token(platform=found)
        self.stdout.write(f"Store this token now; it is not shown again:\n{token}")
