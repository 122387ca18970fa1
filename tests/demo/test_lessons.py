"""Lessons of the demonstration."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from django.db import connections
from django.utils.translation import override
from pytest_django import Settings

from fer_lms.demo import lesson_files
from fer_lms.demo.actions import COURSE_TITLE, ensure_demo_lessons
from fer_lms.demo.lesson_files import (
    CLASS_LESSON,
    OTHER_LESSONS,
    load_demo_lesson,
    select_language,
)
from fer_lms.lessons.actions import answer_question
from fer_lms.lessons.content.authoring import change_step
from fer_lms.lessons.content.transfer import build_step_document
from fer_lms.lessons.models import Course, Step
from fer_lms.translations.languages import PLURAL_FORMS
from tests.factories import make_learner, make_session

pytestmark = pytest.mark.django_db
TRANSLATED = [language for language in PLURAL_FORMS if select_language(language) == language]
RIGHT = {
    "adding-fractions": ["4", "9/9", "5/12", "0"],
    "reading-a-chart": ["25", "1", "age", "1"],
    "a-fair-test": ["1", "1", "85", "Chlorophyll"],
}


@pytest.mark.parametrize("name", [CLASS_LESSON, *OTHER_LESSONS])
def test_every_step_has_question_hints_and_easy_text(name: str) -> None:
    read = load_demo_lesson(name)
    assert read.notices == ()
    assert len(read.document["steps"]) == 4
    for step in read.document["steps"]:
        assert step["question"]
        assert step["easy_body"]
        assert [hint["level"] for hint in step["hints"]] == [
            "nudge",
            "explanation",
            "worked_example",
        ]
        assert all(hint["simple_text"] and hint["symbol"] for hint in step["hints"])


def test_solutions_are_right(demo: Settings) -> None:
    ensure_demo_lessons()
    for name, answers in RIGHT.items():
        lesson = Course.objects.get(title=COURSE_TITLE).lessons.get(
            title=load_demo_lesson(name).document["title"]
        )
        learner = make_learner(make_session(lesson=lesson))
        for step, answer in zip(lesson.steps.all(), answers, strict=True):
            marked = answer_question(
                participant=learner, question=step.question, answer=answer, seconds=1, key=""
            )
            assert marked.right, (name, step.title)


def test_edited_lesson_is_not_replaced(demo: Settings) -> None:
    step = ensure_demo_lessons().steps.get(position=1)
    content = build_step_document(step) | {"title": "My own words"}
    change_step(step=step, content=content, revision=step.revision)
    ensure_demo_lessons()
    assert Step.objects.get(pk=step.pk).title == "My own words"


def test_old_lesson_is_updated_in_place(demo: Settings) -> None:
    course = Course.objects.create(title=COURSE_TITLE)
    lesson = course.lessons.create(title="Adding fractions")
    for position in range(1, 5):
        lesson.steps.create(position=position, title="Old", body="Old")
    first = lesson.steps.get(position=1)
    assert ensure_demo_lessons() == lesson
    first.refresh_from_db()
    assert (first.title, first.hints.count()) == ("Sharing a bar", 3)
    assert first.picture.alternative_text


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_concurrent_setup_creates_one_course(demo: Settings) -> None:
    together = Barrier(3)

    def open_the_page() -> int:
        assert not Course.objects.exists()
        together.wait()
        try:
            return ensure_demo_lessons().pk
        finally:
            connections.close_all()

    with ThreadPoolExecutor(3) as threads:
        lessons = [threads.submit(open_the_page) for _ in range(3)]
    assert len({lesson.result() for lesson in lessons}) == 1
    assert Course.objects.filter(title=COURSE_TITLE).count() == 1


def test_first_of_two_courses_is_used(demo: Settings) -> None:
    first, _ = (Course.objects.create(title=COURSE_TITLE) for _ in range(2))
    assert ensure_demo_lessons().course == first


@pytest.mark.parametrize("language", TRANSLATED)
@pytest.mark.parametrize("name", [CLASS_LESSON, *OTHER_LESSONS])
def test_translated_lessons_are_valid(language: str, name: str) -> None:
    read = load_demo_lesson(name, language)
    assert (read.notices, read.document["language"]) == ((), language)


def test_lessons_in_the_language_of_the_reader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A language without every lesson uses the English ones; each language has its own."""
    (tmp_path / "de").mkdir()
    (tmp_path / "pictures").symlink_to(lesson_files.FOLDER / "pictures")
    for name in (CLASS_LESSON, *OTHER_LESSONS):
        source = (lesson_files.FOLDER / f"{name}.json").read_text()
        (tmp_path / f"{name}.json").write_text(source)
        german = source.replace('"title": "', '"language": "de", "title": "Deutsch: ', 1)
        (tmp_path / "de" / f"{name}.json").write_text(german)
    monkeypatch.setattr(lesson_files, "FOLDER", tmp_path)
    lesson_files.load_demo_lesson.cache_clear()
    try:
        with override("de"):
            german_lesson = ensure_demo_lessons()
            assert ensure_demo_lessons() == german_lesson
        with override("id"):
            english_lesson = ensure_demo_lessons()
    finally:
        lesson_files.load_demo_lesson.cache_clear()
    assert (german_lesson.language, german_lesson.title[:8]) == ("de", "Deutsch:")
    assert english_lesson.pk != german_lesson.pk
    assert english_lesson.course == german_lesson.course
