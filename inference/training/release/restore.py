"""A run's folder that was lost, made again from the released weights, where those are the run's.

The repository keeps the record of every finished run, and the trainable weights of what ships as
fp16 safetensors: enough to go on from that run, or to ask it as a teacher.
"""

from pathlib import Path
from typing import Any

from inference.training.errors import TrainingRefused
from inference.training.networks.registry import ExpressionNetwork
from inference.training.networks.safetensors_export import load_released_weights
from inference.training.records import BEST, EVALUATION, RUN_RECORD, read_json, write_json
from inference.training.report.lineage import same_run
from inference.training.train.state import save_whole

Record = dict[str, Any]


def is_released(kept: Record, weights: Path) -> bool:
    """Are the trainable weights in the folder `weights` those of the run that `kept` records?"""
    architecture = kept.get("settings", {}).get("architecture")
    released = weights / f"{architecture}.record.json"
    return released.exists() and same_run(kept, read_json(released))


def restore(run: Path, records: Path, weights: Path) -> None:
    """Write `best.pt`, record and figures into the folder `run`. Raises TrainingRefused."""
    path = records / f"{run.name}.json"
    if not path.exists():
        raise TrainingRefused(f"no record of a run called {run.name} is kept in {records}")
    kept: Record = read_json(path)
    if not is_released(kept, weights):
        raise TrainingRefused(f"the weights in {weights} are not those of {run.name}")
    if (run / BEST).exists():
        raise TrainingRefused(f"{run / BEST} is there already")
    network = ExpressionNetwork(kept["settings"]["architecture"])
    side = load_released_weights(network, weights)
    run.mkdir(parents=True, exist_ok=True)
    save_whole(
        {
            "architecture": network.name,
            "side": side,
            "stem_stride": network.stem_stride,
            "state": network.state_dict(),
        },
        run / BEST,
    )
    own = {name: value for name, value in kept.items() if name not in ("name", "evaluation")}
    write_json(run / RUN_RECORD, {**own, "restored_from": "released weights, fp16"})
    write_json(run / EVALUATION, kept["evaluation"])
