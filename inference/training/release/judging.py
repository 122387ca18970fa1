"""What `evaluate` and `export` judge: a run or a released network, on faces it has not seen."""

from dataclasses import dataclass
from pathlib import Path

from inference.expressions import ExpressionClassifier, ReleasedModel
from inference.models.released import select_model
from inference.training.data.dataset import FaceDataset
from inference.training.data.splits import Split, make_split, validate_split
from inference.training.errors import WrongCheckpoint
from inference.training.evaluate.evaluation import (
    Scorer,
    fitted_temperatures,
    load_run,
    released_scorer,
    run_scorer,
)
from inference.training.evaluate.held_out import Learned, learned_from, refuse_other_faces
from inference.training.evaluate.robustness import ScorerOf
from inference.training.evaluate.unseen import checked_test_part, judged_split
from inference.training.networks.onnx_export import Temperatures
from inference.training.records import RUN_RECORD, read_json
from inference.training.release.releasing import listed_temperatures
from inference.training.settings import Settings


@dataclass(frozen=True)
class Judged:
    name: str
    scorer_of: ScorerOf
    split: Split
    temperatures: Temperatures
    seen: list[Learned]
    """all data that it learned from"""


def judged_run(run: Path, faces: FaceDataset) -> Judged:
    """Raises TrainingRefused where the run learned from other faces, or from the test part."""
    network, side = load_run(run)
    split, seen = split_of_run(run, faces)

    def scorer_of(shown: FaceDataset) -> Scorer:
        return run_scorer(network, side, shown)

    temperatures = fitted_temperatures(scorer_of(faces), faces, split.validation)
    return Judged(run.name, scorer_of, split, temperatures, seen)


def split_of_run(run: Path, faces: FaceDataset) -> tuple[Split, list[Learned]]:
    """The run's own split of these faces, and all data that its weights have seen."""
    if not (run / RUN_RECORD).exists():
        raise WrongCheckpoint(f"{run / RUN_RECORD} is missing: what it learned from is not known")
    record = read_json(run / RUN_RECORD)
    refuse_other_faces(run, record, faces.sha256)
    settings, seen = Settings(**record["settings"]), learned_from(record)
    split = make_split(settings.split, faces, settings.split_seed, settings.validation_share)
    return checked_test_part(validate_split(split, faces), seen, faces), seen


def judged_model(name: str | None, faces: FaceDataset, asked: str | None) -> Judged:
    """A released network; `asked` names a split."""
    model = select_model(name)
    seen = model_learned_from(model)
    temperatures = listed_temperatures(model)
    classifier = ExpressionClassifier(model)

    def scorer_of(shown: FaceDataset) -> Scorer:
        return released_scorer(classifier, shown, temperatures)

    split = judged_split(asked, seen, faces)
    return Judged(model.name, scorer_of, split, temperatures, seen)


def model_learned_from(model: ReleasedModel) -> list[Learned]:
    """By the record beside it. Raises WrongCheckpoint where there is none."""
    for path in sorted(model.path.parent.glob("*.record.json")):
        record = read_json(path)
        if model.name in record["released"]:
            return learned_from(record)
    raise WrongCheckpoint(f"no record beside {model.path} tells what {model.name} learned from")
