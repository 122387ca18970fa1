#!/usr/bin/env python
import os
import sys

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import OperationalError, ProgrammingError

from fer_lms.environment import replace_renamed_command
from inference.command_line import run_program


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fer_lms.settings")
    try:
        settings.INSTALLED_APPS  # noqa: B018 - reads them
    except (ImproperlyConfigured, ValueError) as error:
        sys.exit(f"Invalid settings in the environment variables: {error}")
    try:
        execute_from_command_line(replace_renamed_command(sys.argv))
    except (OperationalError, ProgrammingError) as error:
        if "--traceback" in sys.argv:
            raise
        sys.exit(
            f"Database error: {error}\n"
            "Run `manage.py migrate` to prepare the database, `manage.py doctor` to list what is "
            "missing."
        )
    return 0


if __name__ == "__main__":
    if "--traceback" in sys.argv:
        sys.exit(main())
    sys.exit(run_program("manage.py", main))
