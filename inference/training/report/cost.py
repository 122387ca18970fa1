"""What a network costs: parameters, multiplications, bytes, milliseconds."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort  # type: ignore[import-untyped]
import torch
from torch import Tensor, nn

from inference.models.onnx_session import build_session_options
from inference.training.networks.registry import ExpressionNetwork

PASSES, ROUNDS, CALLS = 5, 8, 10
Call = Callable[[], object]
"""One face through a network."""


def parameters(network: nn.Module) -> int:
    return sum(p.numel() for p in network.parameters())


@torch.no_grad()
def multiplications(network: ExpressionNetwork, side: int) -> int:
    """Multiply-accumulates of convolutions and linear layers for one face."""
    counted: list[int] = []

    def count(layer: nn.Module, _inputs: Any, output: Tensor) -> None:
        if isinstance(layer, nn.Conv2d):
            a_kernel = (
                layer.in_channels // layer.groups * layer.kernel_size[0] * layer.kernel_size[1]
            )
            counted.append(a_kernel * output[0].numel())
        elif isinstance(layer, nn.Linear):
            counted.append(layer.in_features * layer.out_features)

    hooks = [module.register_forward_hook(count) for module in network.modules()]
    network.eval()(torch.zeros(1, 1, side, side))
    for hook in hooks:
        hook.remove()
    return sum(counted)


def onnx_call(path: Path) -> Call:
    """One grey face through an ONNX model, on one thread."""
    session = ort.InferenceSession(
        path.read_bytes(), build_session_options(), providers=["CPUExecutionProvider"]
    )
    given = session.get_inputs()[0]
    face = np.zeros([n if isinstance(n, int) else 1 for n in given.shape], np.float32)
    return lambda: session.run(None, {given.name: face})


def latencies(calls: Mapping[str, Call]) -> dict[str, list[float]]:
    """CPU milliseconds of each call: the median of every pass.

    CPU time and turns, because wall time on a shared machine wanders by a factor of two; several
    passes, because CPU time wanders too (a neighbour in the cache), and the spread says how much.
    """
    for call in calls.values():
        for _ in range(2 * CALLS):  # the first ones allocate
            call()
    passes = [_one_pass(calls) for _ in range(PASSES)]
    return {name: [each[name] for each in passes] for name in calls}


def _one_pass(calls: Mapping[str, Call]) -> dict[str, float]:
    times: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(ROUNDS):
        for name, call in calls.items():
            began = time.process_time()
            for _ in range(CALLS):
                call()
            times[name].append((time.process_time() - began) * 1000 / CALLS)
    return {name: float(np.median(each)) for name, each in times.items()}


def spread(values: list[float]) -> dict[str, float]:
    """Middle, least and most of several passes."""
    return {
        "median": round(float(np.median(values)), 3),
        "low": round(min(values), 3),
        "high": round(max(values), 3),
    }
