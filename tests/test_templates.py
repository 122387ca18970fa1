"""The papers in docs/templates: honest about what they are, and in step with the policy."""

import re
from pathlib import Path

import pytest

from fer_lms.policy.models import DeploymentPolicy

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "templates"
PAPERS = sorted(FOLDER.glob("*.md"))
WITH_SCHEDULE = ("dpia.md", "written-release.md")
DAYS = {
    field.name: field.default
    for field in DeploymentPolicy._meta.fields
    if field.name.endswith("kept_days")
}


def test_all_papers_are_there() -> None:
    named = set(re.findall(r"\]\(([\w-]+\.md)\)", (FOLDER / "README.md").read_text()))
    assert named == {paper.name for paper in PAPERS} - {"README.md"}
    assert len(named) == 5


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: paper.name)
def test_each_says_that_it_is_no_legal_advice(paper: Path) -> None:
    assert re.search(r"no legal\s+advice", paper.read_text(), re.IGNORECASE)


@pytest.mark.parametrize("name", WITH_SCHEDULE)
@pytest.mark.parametrize("field", DAYS)
def test_schedules_state_every_class_of_data_with_its_default(name: str, field: str) -> None:
    assert f"[{DAYS[field]}] days (`{field}`)" in (FOLDER / name).read_text()


def test_the_prohibition_is_named_before_anything_else() -> None:
    for name in ("README.md", "dpia.md", "transparency-notice.md"):
        assert "Art. 5(1)(f)" in (FOLDER / name).read_text()


def test_the_notice_has_an_easy_form_of_short_sentences() -> None:
    easy = (FOLDER / "notice.md").read_text().split("## The same, easy to read")[1]
    sentences = [each for each in re.split(r"[.?!:]\s|\n", easy.replace("*", "")) if each.strip()]
    assert max(len(sentence.split()) for sentence in sentences) <= 14
