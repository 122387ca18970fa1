#!/usr/bin/env python
import os
import sys

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import OperationalError, ProgrammingError

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fer_lms.settings")
    try:
        settings.INSTALLED_APPS  # noqa: B018 - reads them
    except (ImproperlyConfigured, ValueError) as error:
        sys.exit(f"The settings cannot be read, see the environment variables: {error}")
    try:
        execute_from_command_line(sys.argv)
    except (OperationalError, ProgrammingError) as error:
        if "--traceback" in sys.argv:
            raise
        sys.exit(
            f"The database does not answer as it should: {error}\n"
            "`manage.py migrate` prepares it, `manage.py doctor` says what is missing."
        )
