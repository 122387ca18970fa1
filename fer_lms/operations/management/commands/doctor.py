from fer_lms.operations.checks import run_checks
from fer_lms.operations.checks_command import ChecksCommand
from fer_lms.operations.findings import Section


class Command(ChecksCommand):
    help = "Lists what is configured and what is missing; exit code 1 if something required is."

    def run_checks(self) -> list[Section]:
        return run_checks(open_models=True)
