import hashlib
import json
import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from inference.errors import ModelMissing
from inference.expressions import (
    FER7_LABELS,
    WEIGHTS,
    ExpressionClassifier,
    list_released_models,
    load_classifier,
    prepare_network_input,
)
from inference.results import LABELS

Crop = np.ndarray


@pytest.fixture(scope="module")
def classifier() -> ExpressionClassifier:
    return load_classifier()


def make_image(height: int, width: int, channels: int = 0) -> Crop:
    """Make an image of smooth blobs, comparable across sizes."""
    rng = np.random.default_rng(height * 1000 + width)
    small = rng.integers(0, 256, (6, 6, channels) if channels else (6, 6)).astype(np.uint8)
    large: Crop = cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)
    return large


def test_labels_are_published_ones_in_order(classifier: ExpressionClassifier) -> None:
    assert classifier.labels == (
        "neutral",
        "happiness",
        "surprise",
        "sadness",
        "anger",
        "disgust",
        "fear",
        "contempt",
    )
    assert FER7_LABELS == ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")


@pytest.mark.parametrize("shape", [(24, 24), (48, 48), (96, 96), (37, 61), (300, 220)])
@pytest.mark.parametrize("channels", [0, 3])
def test_any_size_and_colour_gives_rows_that_sum_to_one(
    classifier: ExpressionClassifier, shape: tuple[int, int], channels: int
) -> None:
    crops = [make_image(*shape, channels), make_image(*shape, channels)[::-1]]
    for scores, width in ((classifier.classify(crops), 8), (classifier.classify_fer7(crops), 7)):
        assert scores.shape == (2, width)
        assert scores.dtype == np.float32
        assert scores.min() >= 0
        assert scores.sum(axis=1) == pytest.approx([1, 1], abs=1e-5)
        assert not np.array_equal(scores[0], scores[1])


def test_no_crops_return_no_rows(classifier: ExpressionClassifier) -> None:
    assert classifier.classify([]).shape == (0, len(LABELS))
    assert classifier.classify_fer7([]).shape == (0, len(FER7_LABELS))


def test_rows_do_not_depend_on_other_rows(classifier: ExpressionClassifier) -> None:
    crops = [make_image(48, 48), make_image(96, 80, 3), make_image(31, 31)]
    together = classifier.classify(crops)
    for row, crop in enumerate(crops):
        assert np.array_equal(classifier.classify([crop])[0], together[row])


def test_grey_and_equal_bgr_crop_have_equal_scores(classifier: ExpressionClassifier) -> None:
    grey = make_image(60, 60)
    coloured = np.stack([grey] * 3, axis=2)
    assert np.array_equal(classifier.classify([grey]), classifier.classify([coloured]))


def test_colour_order_is_bgr() -> None:
    blue, red = np.zeros((2, 48, 48, 3), np.uint8)
    blue[..., 0] = red[..., 2] = 255
    assert prepare_network_input(blue, 96).mean() == pytest.approx(0.114, abs=0.01)
    assert prepare_network_input(red, 96).mean() == pytest.approx(0.299, abs=0.01)


def test_large_crop_is_reduced_to_training_resolution_first() -> None:
    source = make_image(48, 48)
    fourfold = np.kron(source, np.ones((4, 4), np.uint8))
    assert (
        np.abs(prepare_network_input(fourfold, 96) - prepare_network_input(source, 96)).max() < 0.01
    )


@pytest.mark.parametrize(
    ("crop", "advice"),
    [
        (np.zeros((48, 48), np.float32), "uint8"),
        (np.zeros((48, 48, 4), np.uint8), "alpha"),
        (np.zeros((2, 48, 48, 3), np.uint8), "split the batch"),
        (np.zeros((48,), np.uint8), "HxW"),
        (np.zeros((23, 48), np.uint8), "at least 24"),
        (np.zeros((48, 0), np.uint8), "at least 24"),
    ],
)
def test_invalid_crop_raises_error_with_advice(
    classifier: ExpressionClassifier, crop: Crop, advice: str
) -> None:
    with pytest.raises(ValueError, match=advice):
        classifier.classify([crop])


def test_non_contiguous_view_equals_its_copy(
    classifier: ExpressionClassifier,
) -> None:
    view = make_image(100, 100, 3)[10:70, 20:80]
    assert np.array_equal(classifier.classify([view]), classifier.classify([view.copy()]))


def test_model_is_default_or_from_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    default, models = list_released_models()
    monkeypatch.delenv("FER_MODEL", raising=False)
    assert load_classifier().name == default
    other = next(name for name in models if name != default or len(models) == 1)
    monkeypatch.setenv("FER_MODEL", other)
    assert load_classifier().name == other
    assert load_classifier(default).name == default, "the argument overrides the environment"


def test_unknown_name_lists_known_ones() -> None:
    with pytest.raises(
        ModelMissing, match=f"no model is called 'vgg'.*{list_released_models()[0]}"
    ):
        load_classifier("vgg")


def test_listed_files_exist_unchanged_and_small() -> None:
    for model in list_released_models()[1].values():
        content = model.path.read_bytes()
        assert hashlib.sha256(content).hexdigest() == model.sha256
        assert len(content) < 12_000_000


def test_sha256_is_that_of_the_file(classifier: ExpressionClassifier) -> None:
    assert classifier.sha256 == list_released_models()[1][classifier.name].sha256


def test_card_and_records_name_released_weights() -> None:
    _, models = list_released_models()
    folder = next(iter(models.values())).path.parent
    card = (folder / "MODEL_CARD.md").read_text(encoding="utf-8")
    records = [json.loads(p.read_text(encoding="utf-8")) for p in folder.glob("*.record.json")]
    released = {name: model for record in records for name, model in record["released"].items()}
    for name, model in models.items():
        assert released[name]["sha256"] == model.sha256
        assert model.sha256 in card


@pytest.fixture(scope="module")
def public_test() -> tuple[list[Crop], Crop]:
    """PublicTest's faces with a majority label (FER+), and their labels, computed independently."""
    if "FER_DATA" not in os.environ:
        pytest.skip("FER_DATA is not set: accuracy on PublicTest is not checked")
    with np.load(Path(os.environ["FER_DATA"]) / "fer2013/fer2013_train_public.npz") as file:
        test = file["split"] == 1
        images, votes = file["images"][test], file["ferplus_votes"][test].astype(int)
    votes[votes == 1] = 0
    scored = 2 * votes[:, :8].max(axis=1) > votes.sum(axis=1)
    return list(images[scored]), votes[scored, :8].argmax(axis=1)


TESTED_MODELS = [
    "mobilenet_v2",
    *(name for name in list_released_models()[1] if name.endswith("-int8")),
]
"""The int8 model of each network, and fp32 of the default one only: the others take a minute."""


@pytest.mark.parametrize("name", TESTED_MODELS)
def test_accuracy_on_public_test_equals_record(
    name: str, public_test: tuple[list[Crop], Crop]
) -> None:
    crops, labels = public_test
    assert len(crops) == 3199
    path = WEIGHTS / f"{name.removesuffix('-int8')}.record.json"
    record = json.loads(path.read_text(encoding="utf-8"))["released"][name]
    is_correct = load_classifier(name).classify(crops).argmax(axis=1) == labels
    # Processors round int8 differently: a few faces of 3,199.
    assert abs(is_correct.mean() - record["ferplus"]["accuracy"]) < 0.002


def test_int8_and_fp32_agree(public_test: tuple[list[Crop], Crop]) -> None:
    crops = public_test[0][:600]
    fp32 = load_classifier("mobilenet_v2").classify(crops)
    int8 = load_classifier("mobilenet_v2-int8").classify(crops)
    assert (fp32.argmax(axis=1) == int8.argmax(axis=1)).mean() > 0.95
    assert np.abs(fp32 - int8).mean() < 0.02
