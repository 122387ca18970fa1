"""Effects of cameras and rooms, the shifted versions of faces, and their use in training."""

import inspect
from collections.abc import Callable

import cv2
import numpy as np
import pytest

from inference.training.data import camera_effects
from inference.training.data.augment import CAMERA_EFFECTS, augment_face
from inference.training.data.dataset import FaceDataset
from inference.training.data.shift import CAMERA, SHIFTS, shift_face, shift_faces

Effect = Callable[[np.ndarray, np.random.Generator], np.ndarray]
EFFECTS = sorted(
    name
    for name, function in inspect.getmembers(camera_effects, inspect.isfunction)
    if function.__module__ == camera_effects.__name__ and not name.startswith("_")
)


@pytest.fixture
def face() -> np.ndarray:
    """A smooth picture with a bright upper left."""
    noise = np.random.default_rng(3).integers(90, 220, (48, 48)).astype(np.uint8)
    return cv2.GaussianBlur(noise, (0, 0), 2).astype(np.uint8)


@pytest.mark.parametrize("name", EFFECTS)
@pytest.mark.parametrize("side", [48, 96])
def test_an_effect_keeps_size_and_input_and_depends_on_the_seed_only(
    name: str, side: int, face: np.ndarray
) -> None:
    effect: Effect = getattr(camera_effects, name)
    face = cv2.resize(face, (side, side)).astype(np.uint8)
    before = face.copy()
    looks = [effect(face, np.random.default_rng(seed)) for seed in range(12)]
    assert {(look.shape, look.dtype.name) for look in looks} == {((side, side), "uint8")}
    assert np.array_equal(face, before)
    assert all(
        np.array_equal(look, effect(face, np.random.default_rng(seed)))
        for seed, look in enumerate(looks)
    )
    assert len({look.tobytes() for look in looks}) > 4
    assert all(np.abs(look.astype(int) - face).mean() > 0.1 for look in looks)


def test_every_effect_is_used() -> None:
    used = {effect.__name__ for effects in SHIFTS.values() for effect in effects}
    used |= {effect.__name__ for effect in CAMERA} | {e.__name__ for e in CAMERA_EFFECTS}
    drawn = {name for name in EFFECTS if name.startswith("draw_")}
    assert set(EFFECTS) == used | drawn


def test_low_light_stays_above_what_the_pipeline_refuses(face: np.ndarray) -> None:
    levels = [
        camera_effects.lower_light(face, np.random.default_rng(seed)).mean() for seed in range(30)
    ]
    assert 38 < min(levels) < max(levels) < 78


def test_motion_blurs_along_one_direction() -> None:
    point = np.zeros((48, 48), np.uint8)
    point[24, 24] = 255
    for seed in range(10):
        rows, columns = np.nonzero(camera_effects.blur_motion(point, np.random.default_rng(seed)))
        spread = np.linalg.eigvalsh(np.cov(np.stack([rows, columns])))
        assert spread[0] < 0.35 * spread[1], "a line"
        assert abs(rows.mean() - 24) < 0.6
        assert abs(columns.mean() - 24) < 0.6


def test_off_axis_light_darkens_the_far_side() -> None:
    grey = np.full((48, 48), 100, np.uint8)
    for seed in range(10):
        lit = camera_effects.add_off_axis_light(grey, np.random.default_rng(seed)).astype(float)
        assert lit.max() > 130
        assert lit.min() < 70
        assert abs(lit.mean() - 100) < 8


def test_occluders_leave_most_of_the_face(face: np.ndarray) -> None:
    for seed in range(60):
        covered = camera_effects.occlude(face, np.random.default_rng(seed)) != face
        assert 0 < covered.mean() < 0.4


def test_a_face_has_the_same_versions_whatever_stands_beside_it(
    synthetic_faces: FaceDataset,
) -> None:
    few = shift_faces(synthetic_faces, np.array([5, 7]))
    more = shift_faces(synthetic_faces, np.array([3, 5, 6]))
    assert few.kinds == more.kinds == tuple(SHIFTS)
    for kind in range(len(SHIFTS)):
        assert np.array_equal(few.faces.images[2 * kind], more.faces.images[3 * kind + 1])
    assert few.sources.tolist() == [5, 7] * len(SHIFTS)
    assert np.array_equal(few.faces.votes, synthetic_faces.votes[few.sources])
    assert np.array_equal(few.faces.group, synthetic_faces.group[few.sources])


@pytest.mark.parametrize("kind", SHIFTS)
def test_kinds_and_seeds_differ(kind: str, face: np.ndarray) -> None:
    assert not np.array_equal(shift_face(face, kind), face)
    assert not np.array_equal(shift_face(face, kind), shift_face(face, kind, seed=1))


def test_the_option_of_training_changes_its_share_of_the_faces(face: np.ndarray) -> None:
    def differs(seed: int, share: float) -> bool:
        plain = augment_face(face, 48, np.random.default_rng(seed), 0.0)
        augmented = augment_face(face, 48, np.random.default_rng(seed), 0.0, share)
        mirrored = plain[:, ::-1]
        nearest = min(np.abs(augmented.astype(int) - view).mean() for view in (plain, mirrored))
        return bool(nearest > 1)

    assert not any(differs(seed, 0.0) for seed in range(20))
    assert all(differs(seed, 1.0) for seed in range(20))
    assert 15 < sum(differs(seed, 0.5) for seed in range(60)) < 45
