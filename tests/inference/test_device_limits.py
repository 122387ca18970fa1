"""The browser's copy of the limits is the same."""

import re
from pathlib import Path

import pytest

from inference import pipeline
from inference.detection import landmarks
from inference.imaging import alignment
from inference.results import SIGNS

DEVICE = Path(__file__).resolve().parents[2] / "frontend" / "src" / "device"
HERE = {
    name: getattr(module, name)
    for module in (pipeline, alignment, landmarks)
    for name in vars(module)
    if re.fullmatch(r"(MIN|MAX|CROP|EYE|POINTS)_[A-Z_]+", name)
}


def there() -> dict[str, float]:
    text = (DEVICE / "limits.ts").read_text()
    return {name: float(value) for name, value in re.findall(r"const ([A-Z_]+) = ([\d.]+);", text)}


def expected() -> dict[str, float]:
    x, y = HERE["EYE_MIDDLE"]
    return {**HERE, "EYE_MIDDLE_X": x, "EYE_MIDDLE_Y": y}


def test_every_limit_of_the_browser_is_the_library_s() -> None:
    limits = there()
    assert len(limits) == 13
    assert limits == {name: expected()[name] for name in limits}


@pytest.mark.parametrize("name", ["RIGHT_EYE", "LEFT_EYE"])
def test_the_eyes_are_the_same_points(name: str) -> None:
    text = (DEVICE / "landmarks.ts").read_text()
    points = re.search(rf"{name}: EyePoints = \[([\d, ]+)\]", text)
    assert points
    assert tuple(map(int, points[1].split(","))) == getattr(landmarks, name)


def test_the_signs_have_the_same_names() -> None:
    text = (DEVICE / "landmarks.ts").read_text()
    names = re.search(r"export const SIGNS = \[(.*?)\]", text, re.DOTALL)
    assert names
    assert tuple(re.findall(r'"(\w+)"', names[1])) == SIGNS
