"""Measure size and latency of networks, released models and baselines for `compare`.

Accuracy comes from records, milliseconds from one interleaved run of all models, and the baselines'
 metrics from the same faces in that run.
"""

import os
import platform
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort  # type: ignore[import-untyped]
import torch
from torch import Tensor, nn
from tqdm import tqdm

from inference.errors import ModelError
from inference.expressions import list_released_models
from inference.models.onnx_session import build_session_options
from inference.training.data.dataset import FaceDataset
from inference.training.data.splits import make_official_split
from inference.training.errors import BadData
from inference.training.json_files import read_json
from inference.training.networks.onnx_export import (
    UNIT_TEMPERATURES,
    export_fp32,
    export_int8,
    sample_calibration_rows,
)
from inference.training.networks.registry import ARCHITECTURES, ExpressionNetwork
from inference.training.networks.safetensors_export import load_released_weights
from inference.training.records import load_release_records
from inference.training.report.baselines import FerPackage

SIDE = 96
"""Input side in pixels at which all networks are measured."""
PASSES, ROUNDS, CALLS = 5, 8, 10
SINGLE_VIEW = ("-single-view", "-single-view-int8")
"""Suffixes of the graphs without flip test-time augmentation, fp32 and int8."""
INT8_INSTRUCTIONS = ("avx512_vnni", "avx_vnni", "asimddp")
"""CPU flags of 8-bit dot products; without one of them int8 gains less."""
Call = Callable[[], object]
"""Runs a model on one face."""
Latencies = Mapping[str, list[float]]
"""CPU milliseconds per face of each pass, by the model's name."""


def measure_comparison(
    faces: FaceDataset, folder: Path, with_baselines: bool = True
) -> dict[str, Any]:
    """Measure costs, released models and baselines; minutes of CPU time.

    Args:
        faces: for int8 calibration and for the baselines' accuracy.
        folder: the released weights.
        with_baselines: measure third-party networks too.

    Returns:
        JSON-ready: `cost`, `machine`, `released` and `peers` (the baselines).
    """
    _, models = list_released_models(folder)
    paths = {name: model.path for name, model in models.items()}
    baseline = _open_baseline() if with_baselines else None
    with tempfile.TemporaryDirectory() as temporary:
        single_view = _export_single_view(faces, Path(temporary), folder)
        graphs = {**single_view, **paths}
        calls = {name: open_onnx_call(path) for name, path in tqdm(graphs.items(), desc="opening")}
        if isinstance(baseline, FerPackage):
            calls[baseline.name] = baseline.run
        machine = describe_machine()
        latencies = measure_latencies(calls)
        cost = {name: _summarize_cost(name, single_view, latencies) for name in ARCHITECTURES}
    return {
        "cost": cost,
        "machine": machine,
        "released": _summarize_released(folder, paths, latencies),
        "peers": [_summarize_baseline(baseline, faces, latencies)] if with_baselines else [],
    }


def count_parameters(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


@torch.no_grad()
def count_macs(network: ExpressionNetwork, side: int) -> int:
    """Count the multiply-accumulates of convolutions and linear layers for one face."""
    counts: list[int] = []

    def count(layer: nn.Module, _inputs: Any, output: Tensor) -> None:
        if isinstance(layer, nn.Conv2d):
            kernel = layer.kernel_size[0] * layer.kernel_size[1]
            counts.append(layer.in_channels // layer.groups * kernel * output[0].numel())
        elif isinstance(layer, nn.Linear):
            counts.append(layer.in_features * layer.out_features)

    hooks = [module.register_forward_hook(count) for module in network.modules()]
    network.eval()(torch.zeros(1, 1, side, side))
    for hook in hooks:
        hook.remove()
    return sum(counts)


def open_onnx_call(path: Path) -> Call:
    """Open an ONNX model for one thread and one face of zeros."""
    session = ort.InferenceSession(
        path.read_bytes(), build_session_options(), providers=["CPUExecutionProvider"]
    )
    model_input = session.get_inputs()[0]
    shape = [size if isinstance(size, int) else 1 for size in model_input.shape]
    face = np.zeros(shape, np.float32)
    return lambda: session.run(None, {model_input.name: face})


def measure_latencies(calls: Mapping[str, Call]) -> dict[str, list[float]]:
    """Measure CPU milliseconds per call: the median of every pass.

    CPU time and interleaving, because wall time on a shared machine varies by a factor of two;
    several passes, because CPU time varies too (shared caches), and the range shows how much.
    """
    for call in calls.values():
        for _ in range(2 * CALLS):  # warm-up: the first calls allocate memory
            call()
    passes = [_measure_pass(calls) for _ in range(PASSES)]
    return {name: [medians[name] for medians in passes] for name in calls}


def _measure_pass(calls: Mapping[str, Call]) -> dict[str, float]:
    times: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(ROUNDS):
        for name, call in calls.items():
            start = time.process_time()
            for _ in range(CALLS):
                call()
            times[name].append((time.process_time() - start) * 1000 / CALLS)
    return {name: float(np.median(values)) for name, values in times.items()}


def _summarize_passes(values: list[float]) -> dict[str, float]:
    return {
        "median": round(float(np.median(values)), 3),
        "low": round(min(values), 3),
        "high": round(max(values), 3),
    }


def describe_machine() -> dict[str, Any]:
    """Return processor, int8 instructions, cores, load average and ONNX Runtime's version."""
    cpu = _read_cpu_info()
    name = cpu.get("model name") or platform.processor() or platform.machine()
    kind = ", ".join(f"{key} {cpu[key]}" for key in ("cpu family", "model") if key in cpu)
    flags = (cpu.get("flags") or cpu.get("Features") or "").split()
    return {
        "processor": f"{name} ({kind})" if kind else name,
        "int8_units": [flag for flag in INT8_INSTRUCTIONS if flag in flags],
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
        "onnxruntime": ort.__version__,
    }


def _read_cpu_info() -> dict[str, str]:
    """Read Linux's description of the first processor; empty on other systems."""
    path = Path("/proc/cpuinfo")
    if not path.exists():
        return {}
    first = path.read_text(encoding="utf-8").split("\n\n", 1)[0]
    pairs = (line.split(":", 1) for line in first.splitlines() if ":" in line)
    return {key.strip(): value.strip() for key, value in pairs}


def _export_single_view(faces: FaceDataset, folder: Path, released: Path) -> dict[str, Path]:
    """Export the four networks without flip test-time augmentation.

    With released weights where there are any: in an untrained network activations become
    subnormal numbers, which take a processor many times as long.
    """
    graphs: dict[str, Path] = {}
    rows = sample_calibration_rows(np.arange(len(faces.images)), 16)
    for name in tqdm(ARCHITECTURES, desc="costs"):
        fp32, int8 = (folder / f"{name}{suffix}.onnx" for suffix in SINGLE_VIEW)
        network = ExpressionNetwork(name)
        if (released / f"{name}.safetensors").exists():
            load_released_weights(network, released)
        export_fp32(network.eval(), SIDE, UNIT_TEMPERATURES, fp32, mirrored=False)
        export_int8(fp32, int8, faces, rows, SIDE)
        graphs |= {fp32.stem: fp32, int8.stem: int8}
    return graphs


def _summarize_cost(name: str, graphs: Mapping[str, Path], latencies: Latencies) -> dict[str, Any]:
    network = ExpressionNetwork(name).eval()
    fp32, int8 = (f"{name}{suffix}" for suffix in SINGLE_VIEW)
    speedups = [slow / fast for slow, fast in zip(latencies[fp32], latencies[int8], strict=True)]
    return {
        "parameters": count_parameters(network),
        "million_macs": round(count_macs(network, SIDE) / 1e6, 1),
        "fp32_bytes": graphs[fp32].stat().st_size,
        "int8_bytes": graphs[int8].stat().st_size,
        "fp32_ms": _summarize_passes(latencies[fp32]),
        "int8_ms": _summarize_passes(latencies[int8]),
        "faster": _summarize_passes(speedups),
    }


def _summarize_released(
    folder: Path, paths: Mapping[str, Path], latencies: Latencies
) -> list[dict[str, Any]]:
    default = read_json(folder / "models.json")["default"]
    return [
        {
            "name": name,
            "default": name == default,
            "sha256": metrics["sha256"],
            "ms": _summarize_passes(latencies[name]),
            "bytes": paths[name].stat().st_size,
            "accuracy": metrics["ferplus"]["accuracy"],
            "interval_95": metrics["ferplus"]["interval_95"]["accuracy"],
            "fer7": metrics["fer7"]["accuracy"],
            "fer7_interval_95": metrics["fer7"]["interval_95"]["accuracy"],
        }
        for record in load_release_records(folder).values()
        for name, metrics in record.released.items()
    ]


def _open_baseline() -> FerPackage | str:
    """Return the network, or the reason why it cannot be opened."""
    try:
        return FerPackage()
    except (ModelError, BadData) as error:
        return str(error).splitlines()[0]


def _summarize_baseline(
    baseline: FerPackage | str | None, faces: FaceDataset, latencies: Latencies
) -> dict[str, Any]:
    if not isinstance(baseline, FerPackage):
        return {"name": "fer", "not_measured": baseline}
    metrics = baseline.evaluate(faces, make_official_split(faces).test)
    return {
        "name": baseline.name,
        "bytes": baseline.bytes,
        **baseline.count_size(),
        "ms": _summarize_passes(latencies[baseline.name]),
        "fer7": metrics["accuracy"],
        "fer7_interval_95": metrics["interval_95"]["accuracy"],
    }
