import pytest

# ruff: noqa: E402 - without torch the imports below cannot be made
torch = pytest.importorskip("torch", reason="torch is not installed: training is not tested")

from pathlib import Path

from torch import nn

from inference.training.errors import WrongCheckpoint
from inference.training.networks import ExpressionNetwork, load_start


def parameters(module: ExpressionNetwork | nn.Module) -> int:
    return sum(p.numel() for p in module.parameters())


def test_mobilenet_v2_has_the_published_number_of_parameters() -> None:
    network = ExpressionNetwork("mobilenet_v2")
    assert parameters(network.features) == 2_223_872
    assert parameters(network) == 2_223_872 + 10_248 + 8_967


def test_names_are_torchvisions() -> None:
    names = ExpressionNetwork("mobilenet_v2").features.state_dict()
    for name, shape in {
        "0.0.weight": (32, 3, 3, 3),
        "1.conv.0.0.weight": (32, 1, 3, 3),
        "1.conv.1.weight": (16, 32, 1, 1),
        "2.conv.3.running_mean": (24,),
        "17.conv.2.weight": (320, 960, 1, 1),
        "18.0.weight": (1280, 320, 1, 1),
        "18.1.num_batches_tracked": (),
    }.items():
        assert tuple(names[name].shape) == shape
    assert len(names) == 312, (
        "torchvision's checkpoint has 314 tensors, two of them the classifier's"
    )


def test_a_checkpoint_loads_strictly(tmp_path: Path) -> None:
    source, target = ExpressionNetwork("mobilenet_v2"), ExpressionNetwork("mobilenet_v2")
    state = {f"features.{k}": v for k, v in source.features.state_dict().items()}
    state["classifier.1.weight"] = torch.zeros(1000, 1280)
    torch.save(state, tmp_path / "imagenet.pth")
    load_start(target, tmp_path / "imagenet.pth")
    for wanted, found in zip(
        source.features.state_dict().values(), target.features.state_dict().values(), strict=True
    ):
        assert torch.equal(wanted, found)


def test_a_checkpoint_of_another_network_is_refused(tmp_path: Path) -> None:
    torch.save({"features.0.0.weight": torch.zeros(16, 3, 3, 3)}, tmp_path / "other.pth")
    with pytest.raises(WrongCheckpoint, match="size mismatch"):
        load_start(ExpressionNetwork("mobilenet_v2"), tmp_path / "other.pth")


def test_both_heads_answer_at_any_size() -> None:
    network = ExpressionNetwork("mobilenet_v2").eval()
    with torch.inference_mode():
        for side in (48, 96):
            ferplus, fer7 = network(torch.rand(2, 1, side, side))
            assert ferplus.shape == (2, 8)
            assert fer7.shape == (2, 7)
