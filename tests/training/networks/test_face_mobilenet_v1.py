"""The port of the face-recognition network against a literal computation in NumPy."""

import json

import numpy as np
import pytest

# ruff: noqa: E402 - without torch the imports below cannot be made
torch = pytest.importorskip("torch", reason="torch is not installed: training is not tested")

from inference.errors import ModelError
from inference.models.store import find_model
from inference.training.errors import WrongCheckpoint
from inference.training.networks.face_mobilenet_v1 import (
    CHANNELS,
    OUTPUT_CHANNELS,
    STRIDED_BLOCKS,
    Arrays,
    FaceMobileNetV1,
    load_tfjs_arrays,
    read_tfjs_arrays,
)
from inference.training.networks.initial_weights import (
    FACERES_GRAPH,
    FACERES_WEIGHTS,
    recalibrate_batch_norms,
)
from inference.training.networks.registry import ExpressionNetwork


def make_arrays() -> Arrays:
    """Random weights by the names of the TensorFlow.js graph, of a plausible size."""
    rng = np.random.default_rng(0)

    def draw(*shape: int) -> np.ndarray:
        fan_in = np.prod(shape[:-1]) if shape[-1] > 1 else shape[0] * shape[1]
        return rng.normal(0, np.sqrt(2 / fan_in), shape).astype(np.float32)

    arrays: Arrays = {
        "conv1/convolution/merged_input": (draw(3, 3, 3, CHANNELS[0]) / 40).astype(np.float32),
        "conv1_bn/batchnorm_1/sub": rng.normal(0.3, 0.3, CHANNELS[0]).astype(np.float32),
    }
    for block in range(1, len(CHANNELS)):
        inputs, outputs = CHANNELS[block - 1 : block + 1]
        bias = {
            "dw": rng.normal(0.3, 0.3, inputs).astype(np.float32),
            "pw": rng.normal(0.3, 0.3, outputs).astype(np.float32),
        }
        arrays |= {
            f"conv_dw_{block}/depthwise_kernel": draw(3, 3, inputs, 1),
            f"conv_dw_{block}_bn/batchnorm_1/mul": rng.uniform(0.5, 1.5, inputs).astype(np.float32),
            f"conv_dw_{block}_bn/batchnorm_1/sub": bias["dw"],
            f"conv_pw_{block}/convolution/merged_input": draw(1, 1, inputs, outputs),
            f"conv_pw_{block}_bn/batchnorm_1/sub": bias["pw"],
        }
    return arrays


def take_patches(x: np.ndarray, size: int, stride: int) -> np.ndarray:
    """TensorFlow's SAME patches: [h, w, C] -> [h', w', size, size, C]."""
    side = x.shape[0]
    out = -(-side // stride)
    padding = max((out - 1) * stride + size - side, 0)
    before = padding // 2
    x = np.pad(x, ((before, padding - before),) * 2 + ((0, 0),))
    reach = stride * (out - 1) + 1
    return np.stack(
        [
            np.stack([x[i : i + reach : stride, j : j + reach : stride] for j in range(size)], 2)
            for i in range(size)
        ],
        2,
    )


def compute_pooled(face: np.ndarray, arrays: Arrays) -> np.ndarray:
    """Means of blocks 11 and 13 of a face [side, side] of grey levels 0..255, in float64."""

    def clip(x: np.ndarray) -> np.ndarray:
        return np.asarray(np.clip(x, 0, 6))

    x = np.repeat(face[:, :, None], 3, 2).astype(np.float64) - 117
    kernel = arrays["conv1/convolution/merged_input"]
    x = clip(np.tensordot(take_patches(x, 3, 2), kernel, 3) + arrays["conv1_bn/batchnorm_1/sub"])
    pooled = []
    for block in range(1, len(CHANNELS)):
        dw, pw = f"conv_dw_{block}", f"conv_pw_{block}"
        patches = take_patches(x, 3, 2 if block in STRIDED_BLOCKS else 1)
        x = (patches * arrays[f"{dw}/depthwise_kernel"][..., 0]).sum((2, 3))
        x = clip(
            x * arrays[f"{dw}_bn/batchnorm_1/mul"].ravel() + arrays[f"{dw}_bn/batchnorm_1/sub"]
        )
        kernel = arrays[f"{pw}/convolution/merged_input"][0, 0]
        x = clip(x @ kernel + arrays[f"{pw}_bn/batchnorm_1/sub"])
        if block in (11, 13):
            pooled.append(x.mean((0, 1)))
    return np.asarray(np.concatenate(pooled))


def build(arrays: Arrays) -> ExpressionNetwork:
    network = ExpressionNetwork("face_mobilenet_v1").eval()
    load_tfjs_arrays(network.features, arrays)
    return network


def compute_ported(network: ExpressionNetwork, face: np.ndarray) -> np.ndarray:
    grey = torch.from_numpy(face / 255).float()[None, None]
    x = ((grey - network.grey_mean) / network.grey_sd).expand(-1, 3, -1, -1)
    with torch.no_grad():
        return np.asarray(network.features(x).mean((2, 3))[0].numpy())


@pytest.mark.parametrize("side", [96, 97, 113])
def test_the_port_equals_the_graph(side: int) -> None:
    arrays = make_arrays()
    face = np.random.default_rng(1).integers(0, 256, (side, side)).astype(np.float64)
    expected, found = compute_pooled(face, arrays), compute_ported(build(arrays), face)
    assert found.shape == (OUTPUT_CHANNELS,)
    assert expected.max() > 0.1
    assert np.abs(found - expected).max() < 1e-4 * max(1.0, np.abs(expected).max())


@pytest.mark.parametrize("side", [97])
def test_the_published_weights_give_what_their_graph_gives(side: int) -> None:
    try:
        arrays = read_tfjs_arrays(find_model(FACERES_GRAPH), find_model(FACERES_WEIGHTS))
    except ModelError:
        pytest.skip("faceres-deep is not in the model folder: nothing was fetched")
    face = np.random.default_rng(1).integers(0, 256, (side, side)).astype(np.float64)
    expected, found = compute_pooled(face, arrays), compute_ported(build(arrays), face)
    assert np.abs(found - expected).max() < 1e-4


def test_measured_batch_norms_change_nothing() -> None:
    network = build(make_arrays())
    face = np.random.default_rng(1).integers(0, 256, (97, 97)).astype(np.float64)
    before = compute_ported(network, face)
    recalibrate_batch_norms(network, torch.rand(8, 1, 97, 97))
    norm = network.features.get_submodule("5.0.1")
    assert norm.state_dict()["running_mean"].abs().max() > 0.01
    assert np.abs(compute_ported(network, face) - before).max() < 1e-2


def test_files_that_do_not_fit_are_refused() -> None:
    graph = json.dumps(
        {"weightsManifest": [{"weights": [{"name": "a", "shape": [2], "dtype": "float32"}]}]}
    ).encode()
    assert read_tfjs_arrays(graph, np.array([1, 2], np.float32).tobytes())["a"].tolist() == [1, 2]
    with pytest.raises(WrongCheckpoint, match="shorter"):
        read_tfjs_arrays(graph, b"1234")
    with pytest.raises(WrongCheckpoint, match="longer"):
        read_tfjs_arrays(graph, b"123456789abc")
    with pytest.raises(WrongCheckpoint, match="not of face_mobilenet_v1"):
        load_tfjs_arrays(FaceMobileNetV1(), {})
