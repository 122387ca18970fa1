"""The demonstration's lessons, as lesson files (docs/teacher/lesson-file.md)."""

from functools import cache
from pathlib import Path

from fer_lms.lessons.content.transfer import LessonFile, parse_lesson
from fer_lms.translations.languages import SOURCE_LANGUAGE

FOLDER = Path(__file__).parent / "lessons"
CLASS_LESSON = "adding-fractions"
"""The lesson of the simulated class."""
OTHER_LESSONS = ("reading-a-chart", "a-fair-test")


def select_language(language: str | None) -> str:
    """Return the language if every lesson is translated into it, else English."""
    names = (CLASS_LESSON, *OTHER_LESSONS)
    is_complete = language and all((FOLDER / language / f"{name}.json").exists() for name in names)
    return language if language and is_complete else SOURCE_LANGUAGE


@cache
def load_demo_lesson(name: str, language: str = SOURCE_LANGUAGE) -> LessonFile:
    folder = FOLDER if language == SOURCE_LANGUAGE else FOLDER / language
    pictures = {
        f"pictures/{path.name}": path.read_bytes() for path in (FOLDER / "pictures").iterdir()
    }
    return parse_lesson((folder / f"{name}.json").read_bytes(), pictures)
