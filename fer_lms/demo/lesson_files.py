"""The demonstration's lessons, as lesson files (docs/teacher/lesson-file.md)."""

from functools import cache
from pathlib import Path

from fer_lms.lessons.content.transfer import LessonFile, parse_lesson

FOLDER = Path(__file__).parent / "lessons"
CLASS_LESSON = "adding-fractions"
"""The lesson of the simulated class."""
OTHER_LESSONS = ("reading-a-chart", "a-fair-test")


@cache
def load_demo_lesson(name: str) -> LessonFile:
    pictures = {
        f"pictures/{path.name}": path.read_bytes() for path in (FOLDER / "pictures").iterdir()
    }
    return parse_lesson((FOLDER / f"{name}.json").read_bytes(), pictures)
