"""Former names of options, which work for one release."""

import argparse
import sys


class RenamedOption(argparse.Action):
    """An option's former name: stores the value and prints the present name on stderr."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: object,
        option_string: str | None = None,
    ) -> None:
        present = self.dest.replace("_", "-")
        print(f"{option_string} is renamed; use --{present}", file=sys.stderr)
        setattr(namespace, self.dest, values)
