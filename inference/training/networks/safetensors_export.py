"""Export trainable weights as fp16 safetensors, small enough to commit.

The ONNX files cannot be trained further; `train --from released` starts from these.
"""

import json
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from inference.expressions import WEIGHTS
from inference.training.errors import WrongCheckpoint
from inference.training.networks.registry import ExpressionNetwork


def save_trainable_weights(network: ExpressionNetwork, side: int, folder: Path = WEIGHTS) -> Path:
    """Write `<name>.safetensors` with fp16 weights, except values out of fp16's range.

    Args:
        network: in float32.
        side: input side in pixels that it was trained for.
        folder: of the file.

    Returns:
        The file's path.
    """
    path = folder / f"{network.name}.safetensors"
    state = {name: _convert_to_fp16(tensor) for name, tensor in network.state_dict().items()}
    metadata = {"architecture": network.name, "side": str(side)}
    metadata["stem_stride"] = str(network.stem_stride)
    save_file(state, path, metadata=metadata)
    _sort_metadata(path)
    path.chmod(0o644)
    return path


def _sort_metadata(path: Path) -> None:
    """Sort the metadata, which safetensors writes in random order, for reproducible files.

    The header is an 8-byte length, then JSON padded with spaces (safetensors' README, "Format").
    """
    with path.open("r+b") as file:
        length = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(length))
        header["__metadata__"] = dict(sorted(header["__metadata__"].items()))
        file.seek(8)
        file.write(json.dumps(header, separators=(",", ":")).encode().ljust(length))


def _convert_to_fp16(tensor: torch.Tensor) -> torch.Tensor:
    """Convert weights; vectors stay, as batch norms' variances can exceed fp16's range."""
    tensor = tensor.contiguous()
    if tensor.ndim <= 1 or not tensor.is_floating_point():
        return tensor
    return tensor if tensor.abs().max() > torch.finfo(torch.float16).max else tensor.half()


def load_released_weights(network: ExpressionNetwork, folder: Path = WEIGHTS) -> int:
    """Load what `save_trainable_weights` wrote into the network.

    Returns:
        The input side in pixels that the weights were trained for.

    Raises:
        WrongCheckpoint: the file is missing, damaged or of another network.
    """
    path = folder / f"{network.name}.safetensors"
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata()
            state = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (OSError, SafetensorError) as error:
        raise WrongCheckpoint(
            f"released weights of {network.name} cannot be read: {error}"
        ) from error
    expected = network.state_dict()
    try:
        network.load_state_dict(
            {name: v.to(expected[name].dtype) for name, v in state.items() if name in expected}
        )
    except RuntimeError as error:
        raise WrongCheckpoint(f"{path} belongs to another network: {error}") from error
    network.set_stem_stride(int(metadata.get("stem_stride", 2)))
    return int(metadata["side"])
