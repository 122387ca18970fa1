"""What a network costs: parameters, multiplications, bytes, milliseconds."""

import time
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort  # type: ignore[import-untyped]
import torch
from torch import Tensor, nn

from inference.onnx_session import session_options
from inference.training.networks import ExpressionNetwork

ROUNDS, CALLS = 15, 10


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


def latencies(models: dict[str, Path]) -> dict[str, float]:
    """Median CPU milliseconds of each ONNX model for one face, one thread, interleaved.

    CPU time and turns, because wall time on a shared machine wanders by a factor of two.
    """
    sessions = {}
    for name, path in models.items():
        session = ort.InferenceSession(
            path.read_bytes(), session_options(), providers=["CPUExecutionProvider"]
        )
        given = session.get_inputs()[0]
        face = np.zeros([n if isinstance(n, int) else 1 for n in given.shape], np.float32)
        sessions[name] = (session, {given.name: face})
    times: dict[str, list[float]] = {name: [] for name in models}
    for round_ in range(ROUNDS + 2):
        for name, (session, feed) in sessions.items():
            began = time.process_time()
            for _ in range(CALLS):
                session.run(None, feed)
            if round_ >= 2:  # the first ones allocate
                times[name].append((time.process_time() - began) * 1000 / CALLS)
    return {name: float(np.median(each)) for name, each in times.items()}
