import pytest

# ruff: noqa: E402 - without torch the imports below cannot be made
torch = pytest.importorskip("torch", reason="torch is not installed: training is not tested")

import os
from pathlib import Path

import numpy as np
from torch import nn

from inference.training.errors import WrongCheckpoint
from inference.training.networks.initial_weights import (
    V3_SMALL_FILE,
    initialize_network,
    recalibrate_batch_norms,
)
from inference.training.networks.registry import ARCHITECTURES, ExpressionNetwork, load_checkpoint
from inference.training.networks.safetensors_export import (
    load_released_weights,
    save_trainable_weights,
)
from inference.training.report.benchmark import count_macs


def parameters(module: nn.Module) -> int:
    return sum(p.numel() for p in module.parameters())


@pytest.fixture(scope="module")
def networks() -> dict[str, ExpressionNetwork]:
    return {name: ExpressionNetwork(name) for name in ARCHITECTURES}


# torchvision's published totals without its classifiers
FEATURES = {
    "mobilenet_v2": 3_504_872 - 1_281_000,
    "mobilenet_v3_small": 2_542_856 - 590_848 - 1_025_000,
    "mobilenet_v3_large": 5_483_032 - 1_230_080 - 1_281_000,
    "efficientnet_b0": 5_288_548 - 1_281_000,
}
# name -> shape, as torchvision's checkpoints have them, and how many tensors `features` holds
NAMES: dict[str, tuple[int, dict[str, tuple[int, ...]]]] = {
    "mobilenet_v2": (
        312,
        {
            "0.0.weight": (32, 3, 3, 3),
            "1.conv.0.0.weight": (32, 1, 3, 3),
            "1.conv.1.weight": (16, 32, 1, 1),
            "2.conv.3.running_mean": (24,),
            "17.conv.2.weight": (320, 960, 1, 1),
            "18.1.num_batches_tracked": (),
        },
    ),
    "mobilenet_v3_small": (
        240,
        {
            "1.block.1.fc1.weight": (8, 16, 1, 1),
            "2.block.1.0.weight": (72, 1, 3, 3),
            "4.block.2.fc2.bias": (96,),
            "11.block.3.1.running_var": (96,),
            "12.0.weight": (576, 96, 1, 1),
        },
    ),
    "mobilenet_v3_large": (
        308,
        {
            "1.block.1.0.weight": (16, 16, 1, 1),
            "4.block.2.fc1.weight": (24, 72, 1, 1),
            "13.block.1.0.weight": (672, 1, 5, 5),
            "16.0.weight": (960, 160, 1, 1),
        },
    ),
    "efficientnet_b0": (
        358,
        {
            "1.0.block.1.fc1.weight": (8, 32, 1, 1),
            "1.0.block.2.0.weight": (16, 32, 1, 1),
            "6.3.block.1.0.weight": (1152, 1, 5, 5),
            "7.0.block.3.1.bias": (320,),
            "8.0.weight": (1280, 320, 1, 1),
        },
    ),
}
MILLION_MACS_AT_224 = {
    "mobilenet_v2": 301,
    "mobilenet_v3_small": 56,
    "mobilenet_v3_large": 217,
    "efficientnet_b0": 386,
}


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_a_network_has_the_published_size(
    name: str, networks: dict[str, ExpressionNetwork]
) -> None:
    network = networks[name]
    count, names = NAMES[name]
    state = network.features.state_dict()
    assert parameters(network.features) == FEATURES[name]
    assert len(state) == count
    assert {key: tuple(state[key].shape) for key in names} == names
    # The published number includes the 1000-class classifier, at most 1.3 million MACs.
    assert count_macs(network, 224) / 1e6 == pytest.approx(MILLION_MACS_AT_224[name], rel=0.04)


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_both_heads_return_logits_for_any_input_size(
    name: str, networks: dict[str, ExpressionNetwork]
) -> None:
    network = networks[name].eval()
    with torch.inference_mode():
        for side in (48, 96):
            ferplus, fer7 = network(torch.rand(2, 1, side, side))
            assert ferplus.shape == (2, 8)
            assert fer7.shape == (2, 7)


@pytest.mark.parametrize("name", ["mobilenet_v2", "mobilenet_v3_small"])
def test_a_checkpoint_loads_strictly(name: str, tmp_path: Path) -> None:
    source, target = ExpressionNetwork(name), ExpressionNetwork(name)
    state = {f"features.{k}": v for k, v in source.features.state_dict().items()}
    state |= {f"classifier.{k}": v for k, v in source.classifier.state_dict().items()}
    state["classifier.3.weight"] = torch.zeros(1000, 1280)
    torch.save(state, tmp_path / "imagenet.pth")
    load_checkpoint(target, tmp_path / "imagenet.pth")
    for part in ("features", "classifier"):
        wanted, found = (getattr(n, part).state_dict() for n in (source, target))
        assert all(torch.equal(wanted[key], found[key]) for key in wanted)


def test_a_checkpoint_of_another_network_is_refused(tmp_path: Path) -> None:
    network = ExpressionNetwork("mobilenet_v3_small")
    torch.save({"features.0.0.weight": torch.zeros(24, 3, 3, 3)}, tmp_path / "other.pth")
    with pytest.raises(WrongCheckpoint, match=r"does not fit \S+$"):
        load_checkpoint(network, tmp_path / "other.pth")
    torch.save({"architecture": "mobilenet_v2", "side": 96, "state": {}}, tmp_path / "best.pt")
    with pytest.raises(WrongCheckpoint, match="is of mobilenet_v2, not mobilenet_v3_small"):
        load_checkpoint(network, tmp_path / "best.pt")


def test_a_malformed_checkpoint_is_refused(tmp_path: Path) -> None:
    network = ExpressionNetwork("mobilenet_v3_small")
    (tmp_path / "half.pt").write_bytes(b"half a file")
    with pytest.raises(WrongCheckpoint, match="cannot be read"):
        load_checkpoint(network, tmp_path / "half.pt")
    with pytest.raises(WrongCheckpoint, match="missing"):
        initialize_network(network, str(tmp_path / "none.pt"), torch.zeros(1, 1, 48, 48))


def test_unknown_imagenet_weights_are_refused() -> None:
    with pytest.raises(WrongCheckpoint, match="pass another --start"):
        initialize_network(
            ExpressionNetwork("mobilenet_v3_large"), "imagenet", torch.zeros(1, 1, 48, 48)
        )


def test_recalibrated_batch_norms_keep_the_function_in_both_modes() -> None:
    network = ExpressionNetwork("mobilenet_v3_small").eval()
    grey = torch.rand(32, 1, 64, 64)
    with torch.inference_mode():
        before = network(grey)[0]
    recalibrate_batch_norms(network, grey)
    with torch.no_grad():
        assert torch.allclose(network.eval()(grey)[0], before, atol=1e-4)
        network.dropout.p = 0.0
        assert torch.allclose(network.train()(grey)[0], before, atol=0.05)


def test_mobilenet_v3_small_starts_from_the_npz() -> None:
    if "FER_DATA" not in os.environ:
        pytest.skip("FER_DATA is not set: MobileNetV3-Small's ImageNet weights are not here")
    network = ExpressionNetwork("mobilenet_v3_small")
    initialize_network(network, "imagenet", torch.rand(8, 1, 48, 48))
    with np.load(Path(os.environ["FER_DATA"]) / V3_SMALL_FILE) as file:
        for name, tensor in network.state_dict().items():
            if name.startswith(("features.", "classifier.")) and tensor.ndim > 1:
                assert np.array_equal(tensor.numpy(), file[name]), name


def test_a_stem_without_stride_halves_the_input_side(tmp_path: Path) -> None:
    plain = ExpressionNetwork("mobilenet_v3_small").eval()
    fine = ExpressionNetwork("mobilenet_v3_small", stem_stride=1).eval()
    fine.load_state_dict(plain.state_dict())
    with torch.inference_mode():
        shapes = [
            tuple(network.features(torch.rand(1, 3, side, side)).shape)
            for network, side in ((plain, 96), (fine, 48))
        ]
    assert shapes == [(1, 576, 3, 3)] * 2
    save_trainable_weights(fine, 48, tmp_path)
    load_released_weights(plain, tmp_path)
    assert plain.stem_stride == 1


def test_trainable_weights_survive_a_round_trip_in_fp16(tmp_path: Path) -> None:
    network, again = (ExpressionNetwork("mobilenet_v3_small").eval() for _ in range(2))
    path = save_trainable_weights(network, 64, tmp_path)
    assert load_released_weights(again, tmp_path) == 64
    assert path.stat().st_size < 0.6 * 4 * parameters(network)
    grey = torch.rand(4, 1, 64, 64)
    with torch.inference_mode():
        assert torch.allclose(network(grey)[0], again(grey)[0], atol=2e-3)
    with pytest.raises(WrongCheckpoint, match="released weights of mobilenet_v2 cannot be read"):
        load_released_weights(ExpressionNetwork("mobilenet_v2"), tmp_path)


def test_exported_weights_are_reproducible_byte_for_byte(tmp_path: Path) -> None:
    network = ExpressionNetwork("mobilenet_v3_small")
    written = {save_trainable_weights(network, 64, tmp_path).read_bytes() for _ in range(12)}
    assert len(written) == 1
