"""The limits in the browser's TypeScript equal those of the library."""

import re
from pathlib import Path

import pytest

from inference import pipeline
from inference.detection import face_measures, landmarks
from inference.imaging import alignment
from inference.results import SIGNS

DEVICE = Path(__file__).resolve().parents[2] / "frontend" / "src" / "device"
CONSTANTS = {
    name: getattr(module, name)
    for module in (pipeline, alignment, landmarks, face_measures)
    for name in vars(module)
    if re.fullmatch(r"(MIN|MAX|CROP|EYE|POINTS)_[A-Z_]+", name)
}


def read_browser_limits() -> dict[str, float]:
    text = (DEVICE / "limits.ts").read_text()
    return {name: float(value) for name, value in re.findall(r"const ([A-Z_]+) = ([\d.]+);", text)}


def list_library_limits() -> dict[str, float]:
    x, y = CONSTANTS["EYE_MIDDLE"]
    return {**CONSTANTS, "EYE_MIDDLE_X": x, "EYE_MIDDLE_Y": y}


def test_limits_are_equal() -> None:
    limits = read_browser_limits()
    assert len(limits) == 14
    assert limits == {name: list_library_limits()[name] for name in limits}


@pytest.mark.parametrize("name", ["RIGHT_EYE", "LEFT_EYE"])
def test_eye_points_are_equal(name: str) -> None:
    text = (DEVICE / "landmarks.ts").read_text()
    points = re.search(rf"{name}: EyePoints = \[([\d, ]+)\]", text)
    assert points
    assert tuple(map(int, points[1].split(","))) == getattr(face_measures, name)


def test_sign_names_are_equal() -> None:
    text = (DEVICE / "landmarks.ts").read_text()
    names = re.search(r"export const SIGNS = \[(.*?)\]", text, re.DOTALL)
    assert names
    assert tuple(re.findall(r'"(\w+)"', names[1])) == SIGNS
