from fer_lms.operations.checks_command import ChecksCommand
from fer_lms.operations.findings import Section
from fer_lms.operations.installation_checks import run_installation_checks


class Command(ChecksCommand):
    help = (
        "Checks an installation before its processes are started: database, both Redis, files, "
        "models, clock, settings; exit code 1 if something required is missing."
    )

    def run_checks(self) -> list[Section]:
        return run_installation_checks()
