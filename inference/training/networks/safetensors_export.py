"""Trainable weights that are small enough to commit: fp16 safetensors, no code inside.

The ONNX files cannot be trained further; these are what `train --from released` starts from.
"""

import json
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from inference.expressions import WEIGHTS
from inference.training.errors import WrongCheckpoint
from inference.training.networks.registry import ExpressionNetwork

MAX_FP16 = 65504.0


def save_trainable_weights(network: ExpressionNetwork, side: int, folder: Path = WEIGHTS) -> Path:
    """Write `<name>.safetensors`; floats as fp16, but for what fp16 cannot hold."""
    path = folder / f"{network.name}.safetensors"
    state = {name: _halved(tensor) for name, tensor in network.state_dict().items()}
    facts = {"architecture": network.name, "side": str(side)}
    facts["stem_stride"] = str(network.stem_stride)
    save_file(state, path, metadata=facts)
    _in_order(path)
    path.chmod(0o644)
    return path


def _in_order(path: Path) -> None:
    """safetensors writes the facts in an order drawn by chance: sorted, one network is one file.

    The header is JSON behind its length in eight bytes, spaces at its end (safetensors' README,
    "Format").
    """
    with path.open("r+b") as file:
        length = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(length))
        header["__metadata__"] = dict(sorted(header["__metadata__"].items()))
        file.seek(8)
        file.write(json.dumps(header, separators=(",", ":")).encode().ljust(length))


def _halved(tensor: torch.Tensor) -> torch.Tensor:
    """Batch norms' variances can be too large or too small for fp16; they stay as they are."""
    tensor = tensor.contiguous()
    if tensor.ndim <= 1 or not tensor.is_floating_point() or tensor.abs().max() > MAX_FP16:
        return tensor
    return tensor.half()


def load_released_weights(network: ExpressionNetwork, folder: Path = WEIGHTS) -> int:
    """Fill `network` from what `save_trainable_weights` wrote; returns the side it was trained for.

    Raises WrongCheckpoint.
    """
    path = folder / f"{network.name}.safetensors"
    try:
        with safe_open(path, framework="pt") as file:
            facts = file.metadata()
            state = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (OSError, SafetensorError) as error:
        raise WrongCheckpoint(f"there is no released {network.name} at {path}: {error}") from error
    wanted = network.state_dict()
    try:
        network.load_state_dict({k: v.to(wanted[k].dtype) for k, v in state.items() if k in wanted})
    except RuntimeError as error:
        raise WrongCheckpoint(f"{path} is of another network: {error}") from error
    network.set_stem_stride(int(facts.get("stem_stride", 2)))
    return int(facts["side"])
