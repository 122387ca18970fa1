from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from fer_lms.policy.data_inventory import find_issues, load_inventory, render_documents
from inference.command_line import add_examples


class Command(BaseCommand):
    help = "Generates the privacy page's list and docs/privacy from data_inventory.toml."

    def add_arguments(self, parser: CommandParser) -> None:
        add_examples(
            parser,
            "manage.py data_inventory --check",
            exit_1="a file is out of date, or the models differ",
        )
        parser.add_argument(
            "--check",
            action="store_true",
            help="write nothing; exit 1 where a file is out of date",
        )

    def handle(self, *_args: Any, check: bool, **_options: Any) -> None:
        inventory = load_inventory()
        if issues := find_issues(inventory):
            details = "\n".join(issues)
            raise CommandError(
                f"data_inventory.toml does not match the models; edit its entries:\n{details}"
            )
        outdated = [
            (path, text)
            for path, text in render_documents(inventory).items()
            if not path.exists() or path.read_text(encoding="utf-8") != text
        ]
        for path, text in outdated:
            if not check:
                _write(path, text)
            self.stdout.write(f"{path}: {'out of date' if check else 'written'}")
        if check and outdated:
            raise CommandError("Run `python manage.py data_inventory` and commit the result.")


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
