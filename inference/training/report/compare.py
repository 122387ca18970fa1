"""The four networks side by side: what runs reached, what each network costs, what peers do.

Figures come from records (of finished runs, and of what ships), milliseconds from one go in which
all take turns, peers' figures from the same faces in the same go.
"""

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from inference.errors import ModelError
from inference.expressions import list_released_models
from inference.training.data.dataset import FaceDataset
from inference.training.data.splits import make_official_split
from inference.training.errors import BadData
from inference.training.networks.onnx_export import (
    UNIT_TEMPERATURES,
    export_fp32,
    export_int8,
    sample_calibration_rows,
)
from inference.training.networks.registry import ARCHITECTURES, ExpressionNetwork
from inference.training.networks.safetensors_export import load_released_weights
from inference.training.records import read_json
from inference.training.report.compare_runs import row_of_run
from inference.training.report.cost import latencies, multiplications, onnx_call, parameters, spread
from inference.training.report.machine import measured_on
from inference.training.report.peers import FerPackage

SIDE = 96
BARE = ("-bare", "-bare-int8")
"""What a network's graphs of one look are called here; what ships looks at a mirror image too."""
Found = dict[str, Any]


def compare(faces: FaceDataset, records: Path, folder: Path, peers: bool = True) -> Found:
    """Everything that the page shows, JSON-ready."""
    _, models = list_released_models(folder)
    paths = {name: model.path for name, model in models.items()}
    peer = _open_peer() if peers else None
    with tempfile.TemporaryDirectory() as temporary:
        bare = _bare_graphs(faces, Path(temporary), folder)
        graphs = {**bare, **paths}
        calls = {name: onnx_call(path) for name, path in tqdm(graphs.items(), desc="opening")}
        if isinstance(peer, FerPackage):
            calls[peer.name] = peer.call
        machine = measured_on()
        times = latencies(calls)
        cost = {name: _cost(name, bare, times) for name in ARCHITECTURES}
    return {
        **of_records(records),
        "cost": cost,
        "machine": machine,
        "released": _released(folder, paths, times),
        "peers": [_of_peer(peer, faces, times)] if peers else [],
    }


def of_records(records: Path) -> Found:
    """The part that needs no measurement."""
    return {"runs": [row_of_run(read_json(path)) for path in sorted(records.glob("*.json"))]}


def _bare_graphs(faces: FaceDataset, folder: Path, released: Path) -> dict[str, Path]:
    """One look through each of the four.

    With released weights where there are any: those of an untrained network let numbers fade until
    a processor takes many times as long for them.
    """
    found: dict[str, Path] = {}
    rows = sample_calibration_rows(np.arange(len(faces.images)), 16)
    for name in tqdm(ARCHITECTURES, desc="costs"):
        fp32, int8 = (folder / f"{name}{kind}.onnx" for kind in BARE)
        network = ExpressionNetwork(name)
        if (released / f"{name}.safetensors").exists():
            load_released_weights(network, released)
        export_fp32(network.eval(), SIDE, UNIT_TEMPERATURES, fp32, mirrored=False)
        export_int8(fp32, int8, faces, rows, SIDE)
        found |= {fp32.stem: fp32, int8.stem: int8}
    return found


def _cost(name: str, graphs: dict[str, Path], times: dict[str, list[float]]) -> Found:
    network = ExpressionNetwork(name).eval()
    fp32, int8 = (f"{name}{kind}" for kind in BARE)
    faster = [whole / eight for whole, eight in zip(times[fp32], times[int8], strict=True)]
    return {
        "parameters": parameters(network),
        "million_macs": round(multiplications(network, SIDE) / 1e6, 1),
        "fp32_bytes": graphs[fp32].stat().st_size,
        "int8_bytes": graphs[int8].stat().st_size,
        "fp32_ms": spread(times[fp32]),
        "int8_ms": spread(times[int8]),
        "faster": spread(faster),
    }


def _released(folder: Path, paths: dict[str, Path], times: dict[str, list[float]]) -> list[Found]:
    """What ships: its record's figures, and the milliseconds of this go."""
    default = read_json(folder / "models.json")["default"]
    found = []
    for path in sorted(folder.glob("*.record.json")):
        for name, each in read_json(path)["released"].items():
            found.append(
                {
                    "name": name,
                    "default": name == default,
                    "sha256": each["sha256"],
                    "ms": spread(times[name]),
                    "bytes": paths[name].stat().st_size,
                    "accuracy": each["ferplus"]["accuracy"],
                    "interval_95": each["ferplus"]["interval_95"]["accuracy"],
                    "fer7": each["fer7"]["accuracy"],
                    "fer7_interval_95": each["fer7"]["interval_95"]["accuracy"],
                }
            )
    return found


def _open_peer() -> FerPackage | str:
    """The network, or why it is not to be had."""
    try:
        return FerPackage()
    except (ModelError, BadData) as error:
        return str(error).splitlines()[0]


def _of_peer(peer: Any, faces: FaceDataset, times: dict[str, list[float]]) -> Found:
    if not isinstance(peer, FerPackage):
        return {"name": "fer", "not_measured": peer}
    figures = peer.figures(faces, make_official_split(faces).test)
    return {
        "name": peer.name,
        "bytes": peer.bytes,
        **peer.size(),
        "ms": spread(times[peer.name]),
        "fer7": figures["accuracy"],
        "fer7_interval_95": figures["interval_95"]["accuracy"],
    }
