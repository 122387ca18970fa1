"""The engine of the rules needs no database."""

import subprocess
import sys

CODE = """
import importlib, pkgutil, sys
import fer_lms.rules.engine as engine
for module in pkgutil.iter_modules(engine.__path__):
    importlib.import_module(f"{engine.__name__}.{module.name}")
print([name for name in sys.modules if name.startswith("django.db")])
"""


def test_engine_does_not_import_django_db() -> None:
    result = subprocess.run(
        [sys.executable, "-c", CODE], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"
