"""The product's settings, on a place of its own: no test touches a running demonstration."""

import os
import tempfile
from pathlib import Path

if "FER_VAR_DIR" not in os.environ:
    _place = Path(tempfile.mkdtemp(prefix="fer-lms-tests-"))
    os.environ["FER_VAR_DIR"] = str(_place / "var")
    os.environ["FER_RUN_DIR"] = str(_place / "run")

from fer_lms.settings import *  # noqa: F403 - the environment comes first
from fer_lms.settings import DATABASES, VAR_DIR

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, as in production: an in-memory database locks whole tables between threads.
    DATABASES["default"]["TEST"] = {"NAME": VAR_DIR / "test.sqlite3"}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = False
