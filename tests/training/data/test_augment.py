import cv2
import numpy as np
import pytest

from inference.training.data import augment
from inference.training.data.augment import apply_random_affine, augment_face


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.fixture
def face() -> np.ndarray:
    return rng(3).integers(0, 256, (48, 48)).astype(np.uint8)


@pytest.mark.parametrize("side", [48, 64, 96])
def test_augmentation_returns_uint8_of_the_requested_size(face: np.ndarray, side: int) -> None:
    for seed in range(60):
        out = augment_face(face, side, rng(seed))
        assert out.shape == (side, side)
        assert out.dtype == np.uint8


def test_augmentation_is_deterministic_by_seed(face: np.ndarray) -> None:
    assert np.array_equal(augment_face(face, 64, rng(5)), augment_face(face, 64, rng(5)))
    assert not np.array_equal(augment_face(face, 64, rng(5)), augment_face(face, 64, rng(6)))


def test_augmentation_does_not_modify_its_input(face: np.ndarray) -> None:
    before = face.copy()
    for seed in range(30):
        augment_face(face, 48, rng(seed))
    assert np.array_equal(face, before)


def test_the_identity_matrix_only_resizes_or_flips(
    face: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the identity as its matrix, the transform is the plain enlargement about the centre."""
    monkeypatch.setattr(augment, "make_random_affine", lambda *_: np.eye(2, 3))
    unmoved = [apply_random_affine(face, 48, rng(seed)) for seed in range(20)]
    assert all(np.array_equal(out, face) or np.array_equal(out, face[:, ::-1]) for out in unmoved)
    assert len({out.tobytes() for out in unmoved}) == 2, "both the face and its mirror image occur"


def test_lower_strength_changes_a_face_less(face: np.ndarray) -> None:
    smooth = cv2.GaussianBlur(face, (0, 0), 4).astype(np.uint8)
    distance = {}
    for strength in (0.0, augment.LOW_AUGMENTATION_STRENGTH, 1.0):
        looks = [augment_face(smooth, 48, rng(seed), strength) for seed in range(80)]
        distance[strength] = np.mean([changed(look, smooth) for look in looks])
    assert distance[0.0] < 0.5, "mirrored at most"
    assert distance[augment.LOW_AUGMENTATION_STRENGTH] < 0.6 * distance[1.0]


def changed(look: np.ndarray, face: np.ndarray) -> float:
    """Mean difference in grey levels from the face or its mirror image, whichever is nearer."""
    return min(float(np.abs(look.astype(int) - view).mean()) for view in (face, face[:, ::-1]))


def test_the_face_centre_stays_in_the_picture() -> None:
    bright = np.zeros((48, 48), np.uint8)
    bright[18:30, 18:30] = 255
    for seed in range(40):
        matrix = augment.make_random_affine(48, 96, rng(seed))
        x, y = matrix @ np.array([23.5, 23.5, 1])
        assert 96 * 0.38 < x < 96 * 0.62
        assert 96 * 0.38 < y < 96 * 0.62
