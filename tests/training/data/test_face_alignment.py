import numpy as np

from inference.imaging.alignment import EYE_DISTANCE, EYE_MIDDLE
from inference.training.data.face_alignment import align_training_faces


def face_with_eyes(left: tuple[int, int], right: tuple[int, int]) -> np.ndarray:
    picture = np.full((48, 48), 90, np.uint8)
    for x, y in (left, right):
        picture[y - 1 : y + 2, x - 1 : x + 2] = 255
    return picture


def bright_middle(part: np.ndarray) -> np.ndarray:
    ys, xs = np.nonzero(part > 180)
    return np.array([xs.mean(), ys.mean()])


def test_eyes_are_aligned_to_the_positions_of_live_faces() -> None:
    left, right = (14, 26), (30, 20)
    eyes = ((np.array([[left, right]]) + 0.5) / 48).astype(np.float32)
    aligned = align_training_faces(face_with_eyes(left, right)[None], eyes)[0]
    aligned[:4] = aligned[-4:] = aligned[:, :4] = aligned[:, -4:] = 0  # the synthetic surroundings
    found = [bright_middle(aligned[:, :24]), bright_middle(aligned[:, 24:]) + np.array([24, 0])]
    wanted = [(EYE_MIDDLE[0] + s * EYE_DISTANCE / 2, EYE_MIDDLE[1]) for s in (-1, 1)]
    for have, want in zip(found, wanted, strict=True):
        assert np.abs(have - (np.array(want) * 48 - 0.5)).max() < 0.8


def test_a_face_without_eye_positions_is_unchanged() -> None:
    pictures = np.stack([face_with_eyes((14, 20), (32, 20))] * 2)
    eyes = np.full((2, 2, 2), np.nan, np.float32)
    eyes[1] = [[0.3, 0.5], [0.6, 0.4]]
    aligned = align_training_faces(pictures, eyes)
    assert np.array_equal(aligned[0], pictures[0])
    assert not np.array_equal(aligned[1], pictures[1])


def test_alignment_is_deterministic_by_seed() -> None:
    pictures = np.stack([face_with_eyes((14, 20), (32, 20))] * 3)
    eyes = np.tile(np.array([[0.45, 0.5], [0.55, 0.5]], np.float32), (3, 1, 1))
    assert np.array_equal(
        align_training_faces(pictures, eyes, 1), align_training_faces(pictures, eyes, 1)
    )
