#!/usr/bin/env python
import sys

from fer_lms.__main__ import run_management
from inference.command_line import run_program


def main() -> int:
    return run_management(sys.argv)


if __name__ == "__main__":
    if "--traceback" in sys.argv:
        sys.exit(main())
    sys.exit(run_program("manage.py", main))
