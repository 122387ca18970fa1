"""Open a run or a released network for evaluation on faces that it was not trained on."""

from dataclasses import dataclass
from pathlib import Path

from inference.expressions import ExpressionClassifier, ReleasedModel
from inference.models.released import select_model
from inference.training.data.dataset import FaceDataset
from inference.training.data.splits import Split, make_split, validate_split
from inference.training.errors import BadData, WrongCheckpoint
from inference.training.evaluate.evaluation import (
    MakeScorer,
    Scorer,
    fit_temperatures,
    load_run,
    make_onnx_scorer,
    make_torch_scorer,
)
from inference.training.evaluate.leakage import check_same_dataset
from inference.training.evaluate.unseen import select_evaluation_split, validate_test_part
from inference.training.json_files import read_json
from inference.training.networks.onnx_export import Temperatures
from inference.training.records import (
    RUN_RECORD,
    DataUse,
    load_release_records,
    load_run_record,
)

MODEL_LIST = "models.json"


@dataclass(frozen=True)
class EvaluatedModel:
    name: str
    make_scorer: MakeScorer
    split: Split
    temperatures: Temperatures
    data_uses: list[DataUse]
    """all data that its weights were trained on"""


def open_run(run: Path, faces: FaceDataset) -> EvaluatedModel:
    """Open a run's best weights in PyTorch.

    Raises:
        TrainingRefused: the run was trained on other faces, or on the test part.
    """
    network, side = load_run(run)
    split, data_uses = load_run_split(run, faces)

    def make_scorer(shown: FaceDataset) -> Scorer:
        return make_torch_scorer(network, side, shown)

    temperatures = fit_temperatures(make_scorer(faces), faces, split.validation)
    return EvaluatedModel(run.name, make_scorer, split, temperatures, data_uses)


def load_run_split(run: Path, faces: FaceDataset) -> tuple[Split, list[DataUse]]:
    """Return the run's own split of these faces, and all data that its weights were trained on."""
    if not (run / RUN_RECORD).exists():
        raise WrongCheckpoint(f"{run / RUN_RECORD} is missing: its training data is unknown")
    record = load_run_record(run / RUN_RECORD)
    check_same_dataset(run, record, faces.sha256)
    settings, data_uses = record.settings, record.list_data_uses()
    split = make_split(settings.split, faces, settings.split_seed, settings.validation_share)
    return validate_test_part(validate_split(split, faces), data_uses, faces), data_uses


def open_released_model(
    name: str | None, faces: FaceDataset, split_name: str | None
) -> EvaluatedModel:
    """Open a released network in ONNX Runtime.

    Args:
        name: of the model; None for the default one.
        faces: to evaluate on.
        split_name: one of `SPLITS`; None for the network's own split.
    """
    model = select_model(name)
    data_uses = list_model_data_uses(model)
    temperatures = read_temperatures(model)
    classifier = ExpressionClassifier(model)

    def make_scorer(shown: FaceDataset) -> Scorer:
        return make_onnx_scorer(classifier, shown, temperatures)

    split = select_evaluation_split(split_name, data_uses, faces)
    return EvaluatedModel(model.name, make_scorer, split, temperatures, data_uses)


def list_model_data_uses(model: ReleasedModel) -> list[DataUse]:
    """Read from a released network's record what it was trained on.

    Raises:
        WrongCheckpoint: no record in its folder is of this network.
    """
    for record in load_release_records(model.path.parent).values():
        if model.name in record.released:
            return record.list_data_uses()
    raise WrongCheckpoint(
        f"no record in {model.path.parent} is of {model.name}: its training data is unknown"
    )


def read_temperatures(model: ReleasedModel) -> Temperatures:
    """Read the temperatures inside a released graph from the model list in its folder.

    Raises:
        BadData: the list does not contain them.
    """
    entry = read_json(model.path.parent / MODEL_LIST)["models"][model.name]
    try:
        return Temperatures(**entry["temperature"])
    except (KeyError, TypeError) as error:
        raise BadData(f"{MODEL_LIST} has no temperature of {model.name}") from error
