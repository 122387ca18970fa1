"""Restore the folder of a lost run from released weights of that run.

The repository stores the record of the runs behind released weights, and their trainable weights as
fp16 safetensors: enough to start further runs from that run, or to use it as a teacher.
"""

from dataclasses import replace
from pathlib import Path

from inference.training.errors import TrainingRefused
from inference.training.json_files import write_json
from inference.training.networks.registry import ExpressionNetwork
from inference.training.networks.safetensors_export import load_released_weights
from inference.training.records import (
    BEST,
    EVALUATION,
    RUN_RECORD,
    RunRecord,
    load_release_record,
    load_run_record,
)
from inference.training.train.experiments import load_experiments
from inference.training.train.state import save_best_weights


def is_released(stored: RunRecord, weights: Path) -> bool:
    """Return whether the trainable weights in the folder `weights` are those of this run."""
    released = weights / f"{stored.settings.architecture}.record.json"
    return released.exists() and stored.is_same_run(load_release_record(released))


def restore_run(run: Path, records: Path, weights: Path) -> None:
    """Write `best.pt`, record and metrics of a released run into a folder.

    Args:
        run: the folder to create, named by the run's present or former name.
        records: folder of the stored records.
        weights: folder of the released weights, also of an earlier revision.

    Raises:
        TrainingRefused: the run has no stored record, is not the released one, or exists already.
    """
    path = records / f"{load_experiments().get_current_name(run.name)}.json"
    if not path.exists():
        raise TrainingRefused(f"no record of a run called {run.name} is stored in {records}")
    stored = load_run_record(path)
    if not is_released(stored, weights):
        raise TrainingRefused(f"the weights in {weights} are not those of {run.name}")
    if (run / BEST).exists():
        raise TrainingRefused(f"{run / BEST} exists already")
    network = ExpressionNetwork(stored.settings.architecture)
    side = load_released_weights(network, weights)
    run.mkdir(parents=True, exist_ok=True)
    save_best_weights(network, side, run / BEST)
    restored = replace(stored, name="", evaluation=None, restored_from="released weights, fp16")
    write_json(run / RUN_RECORD, restored.to_json())
    write_json(run / EVALUATION, stored.evaluation)
