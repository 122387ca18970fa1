import json
import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from fer_lms.engagement import face_reading
from inference.command_line import add_examples, parse_positive_count
from inference.models.released import select_model
from inference.pipeline import load_pipeline
from inference.training.data.dataset import read_dataset
from tests.bench.evidence_fit import fit_coefficients, read_faces

FACES_FILE = "fer2013/fer2013_train_public.npz"
COEFFICIENTS = Path(face_reading.__file__).with_name(face_reading.COEFFICIENTS_FILE)


class Command(BaseCommand):
    help = (
        "Fit the coefficients of the face evidence on FER+ faces of the validation part, with the "
        "network in force, and store them with its sha256. Hints use the face only with this "
        "network. Needs FER_DATA."
    )
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_examples(parser, "manage.py fit_evidence --faces 100 --dry-run", exit_1="an error")
        parser.add_argument(
            "--faces", type=parse_positive_count, default=600, help="most faces of either group"
        )
        parser.add_argument("--write", type=Path, default=COEFFICIENTS, help="file to write")
        parser.add_argument("--dry-run", action="store_true", help="print, and write nothing")

    def handle(self, *_args: Any, **options: Any) -> None:
        if "FER_DATA" not in os.environ:
            raise CommandError(f"Set FER_DATA to the folder that contains {FACES_FILE}.")
        faces = read_dataset(Path(os.environ["FER_DATA"]) / FACES_FILE)
        model = select_model()
        neutral, negative = read_faces(load_pipeline(), faces, options["faces"])
        fitted = {"network": model.sha256, **fit_coefficients(neutral, negative)}
        text = json.dumps(fitted, indent=1) + "\n"
        if not options["dry_run"]:
            options["write"].write_text(text, encoding="utf-8")
        self.stdout.write(text)
