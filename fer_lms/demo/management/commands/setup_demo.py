from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from fer_lms.demo.actions import ADMIN_USERNAME, ensure_demo_data, get_admin_password_path
from fer_lms.demo.checks import check_demo_isolation
from fer_lms.demo.past_sessions import ensure_past_sessions
from inference.command_line import add_examples
