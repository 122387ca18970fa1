"""Export of a small trained run: equal to PyTorch in fp32, close in int8, listed by sha256."""

import json
from pathlib import Path

import numpy as np
import pytest

# ruff: noqa: E402 - without torch the imports below cannot be made
torch = pytest.importorskip("torch", reason="torch is not installed: training is not tested")

import onnx
import onnxruntime as ort  # type: ignore[import-untyped]

from inference.errors import ModelMissing
from inference.expressions import (
    ExpressionClassifier,
    list_released_models,
    load_classifier,
    prepare_network_input,
)
from inference.training.data.dataset import FaceDataset
from inference.training.data.splits import make_official_split
from inference.training.errors import TrainingRefused
from inference.training.evaluate.evaluation import load_run, make_flip_tta_scorer
from inference.training.evaluate.metrics import softmax
from inference.training.networks.onnx_export import (
    OPSET,
    UNIT_TEMPERATURES,
    export_fp32,
    export_int8,
)
from inference.training.networks.registry import ExpressionNetwork
from inference.training.release.release import release_run
from inference.training.report.consistency import find_inconsistencies
from inference.training.settings import Settings
from inference.training.train.training import train

SETTINGS = Settings(stages=[(48, 5)], batch_size=20, processes=1, validation_share=0.2)


@pytest.fixture(scope="module")
def run(synthetic_faces: FaceDataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    train(synthetic_faces, SETTINGS, folder)
    return folder


@pytest.fixture(scope="module")
def weights(
    run: Path, synthetic_faces: FaceDataset, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    folder = tmp_path_factory.mktemp("weights")
    split = make_official_split(synthetic_faces, 0, 0.2)
    release_run(run, synthetic_faces, split, calibration_faces=40, folder=folder)
    return folder


def classifier(weights: Path, name: str) -> ExpressionClassifier:
    return ExpressionClassifier(list_released_models(weights)[1][name])


def test_fp32_matches_pytorch(run: Path, weights: Path, synthetic_faces: FaceDataset) -> None:
    network, side = load_run(run)
    rows = np.arange(12)
    ferplus, fer7 = make_flip_tta_scorer(network, side, synthetic_faces)(rows)
    temperature = json.loads((weights / "models.json").read_text())["models"]["mobilenet_v2"][
        "temperature"
    ]
    opened = classifier(weights, "mobilenet_v2")
    crops = list(synthetic_faces.images[rows])
    eight, seven = opened.classify(crops), opened.classify_fer7(crops)
    assert np.abs(softmax(ferplus, temperature["expressions"]) - eight).max() < 1e-4
    assert np.abs(softmax(fer7, temperature["fer7"]) - seven).max() < 1e-4


def test_a_face_and_its_mirror_image_get_the_same_scores(
    weights: Path, synthetic_faces: FaceDataset
) -> None:
    crops = list(synthetic_faces.images[:12])
    mirrored = [np.ascontiguousarray(crop[:, ::-1]) for crop in crops]
    for name in ("mobilenet_v2", "mobilenet_v2-int8"):
        opened = classifier(weights, name)
        for classify in (opened.classify, opened.classify_fer7):
            assert np.abs(classify(crops) - classify(mirrored)).max() < 1e-6


def test_a_batch_gives_the_same_scores_as_single_faces(weights: Path) -> None:
    faces = np.random.default_rng(3).random((3, 1, 48, 48), dtype=np.float32)
    session = ort.InferenceSession(weights / "mobilenet_v2.onnx")
    together = session.run(None, {"face": faces})
    for row, face in enumerate(faces):
        for head, said in zip(together, session.run(None, {"face": face[None]}), strict=True):
            assert np.abs(head[row] - said[0]).max() < 1e-5


def test_int8_stays_close_to_fp32(weights: Path, synthetic_faces: FaceDataset) -> None:
    crops = list(synthetic_faces.images)
    fp32 = classifier(weights, "mobilenet_v2").classify(crops)
    int8 = classifier(weights, "mobilenet_v2-int8").classify(crops)
    assert np.abs(fp32 - int8).mean() < 0.05
    assert (weights / "mobilenet_v2-int8.onnx").stat().st_size < 3_000_000


def test_only_the_batch_size_is_dynamic(weights: Path) -> None:
    for name in ("mobilenet_v2", "mobilenet_v2-int8"):
        graph = onnx.load(weights / f"{name}.onnx")
        assert next(o.version for o in graph.opset_import if o.domain in ("", "ai.onnx")) == OPSET
        face = graph.graph.input[0]
        dims = face.type.tensor_type.shape.dim
        assert face.name == "face"
        assert dims[0].dim_param
        assert [d.dim_value for d in dims[1:]] == [1, 48, 48]


def test_the_first_convolution_has_one_channel_and_stays_float(weights: Path) -> None:
    for name in ("mobilenet_v2", "mobilenet_v2-int8"):
        graph = onnx.load(weights / f"{name}.onnx").graph
        stem = next(node for node in graph.node if node.op_type == "Conv")
        kernel = next(tensor for tensor in graph.initializer if tensor.name == stem.input[1])
        assert list(kernel.dims) == [32, 1, 3, 3]
        assert kernel.data_type == onnx.TensorProto.FLOAT


def test_depthwise_convolutions_with_hard_swish_stay_float(
    synthetic_faces: FaceDataset, tmp_path: Path
) -> None:
    fp32, int8 = tmp_path / "fp32.onnx", tmp_path / "int8.onnx"
    export_fp32(ExpressionNetwork("mobilenet_v3_small").eval(), 48, UNIT_TEMPERATURES, fp32)
    export_int8(fp32, int8, synthetic_faces, np.arange(4), 48)
    graph = onnx.load(int8).graph
    made_from_int8 = {
        output for n in graph.node if n.op_type == "DequantizeLinear" for output in n.output
    }
    quantised = {True: 0, False: 0}
    for node in (node for node in graph.node if node.op_type == "Conv"):
        depthwise = any(
            attribute.name == "group" and attribute.i > 1 for attribute in node.attribute
        )
        quantised[depthwise] += node.input[1] in made_from_int8
    assert quantised[True] == 0
    assert quantised[False] > 10


def test_the_listing_holds_the_sha256_of_the_files(weights: Path) -> None:
    default, models = list_released_models(weights)
    assert default == "mobilenet_v2-int8"
    assert set(models) == {"mobilenet_v2", "mobilenet_v2-int8"}
    assert find_inconsistencies(weights) == []
    for name in models:
        assert classifier(weights, name).sha256 == models[name].sha256


def test_a_refused_export_changes_no_released_file(
    run: Path, weights: Path, synthetic_faces: FaceDataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    def everything() -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in weights.iterdir()}

    before = everything()
    monkeypatch.setattr("inference.training.release.release.MAX_PARITY_DIFFERENCE", -1.0)
    split = make_official_split(synthetic_faces, 0, 0.2)
    with pytest.raises(TrainingRefused, match="differs from PyTorch"):
        release_run(run, synthetic_faces, split, calibration_faces=40, folder=weights)
    assert everything() == before


def test_card_and_record_hold_the_same_sha256(weights: Path) -> None:
    record = json.loads((weights / "mobilenet_v2.record.json").read_text())
    card = (weights / "MODEL_CARD.md").read_text()
    for name, model in list_released_models(weights)[1].items():
        assert record["released"][name]["sha256"] == model.sha256
        assert model.sha256 in card


def test_a_folder_of_adapted_weights_can_be_chosen(
    weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FER_WEIGHTS", str(weights))
    monkeypatch.setenv("FER_MODEL", "mobilenet_v2-int8")
    assert load_classifier().sha256 == list_released_models(weights)[1]["mobilenet_v2-int8"].sha256
    monkeypatch.setenv("FER_WEIGHTS", str(weights / "nowhere"))
    with pytest.raises(ModelMissing, match="FER_WEIGHTS"):
        load_classifier()


def test_training_and_runtime_resize_alike(synthetic_faces: FaceDataset) -> None:
    from inference.training.data.batches import iterate_plain_batches

    torch_input = next(iterate_plain_batches(synthetic_faces, np.arange(3), side=96)).numpy()
    for row in range(3):
        assert np.array_equal(
            prepare_network_input(synthetic_faces.images[row], 96)[0], torch_input[row]
        )
