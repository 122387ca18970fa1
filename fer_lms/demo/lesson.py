"""The lessons that the demonstration shows: ready lesson files with pictures drawn for them.

They are in the same form that a teacher imports and exports (docs/teacher/lessons.md).
"""

from functools import cache
from pathlib import Path

from fer_lms.lessons.content.transfer import LessonFile, parse_lesson

FOLDER = Path(__file__).parent / "lessons"
SHOWN = "adding-fractions"
"""The one that the simulated class sits in."""
OTHERS = ("reading-a-chart", "a-fair-test")


@cache
def load_demo_lesson(name: str) -> LessonFile:
    pictures = {
        f"pictures/{path.name}": path.read_bytes() for path in (FOLDER / "pictures").iterdir()
    }
    return parse_lesson((FOLDER / f"{name}.json").read_bytes(), pictures)
