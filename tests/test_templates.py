"""The legal templates in docs/templates are complete and consistent with the policy."""

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


def test_all_templates_exist() -> None:
    named = set(re.findall(r"\]\(([\w-]+\.md)\)", (FOLDER / "README.md").read_text()))
    assert named == {paper.name for paper in PAPERS} - {"README.md"}
    assert len(named) == 5


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: paper.name)
def test_templates_state_no_legal_advice(paper: Path) -> None:
    assert re.search(r"no legal\s+advice", paper.read_text(), re.IGNORECASE)


@pytest.mark.parametrize("name", WITH_SCHEDULE)
@pytest.mark.parametrize("field", DAYS)
def test_templates_state_every_retention_default(name: str, field: str) -> None:
    assert f"[{DAYS[field]}] days (`{field}`)" in (FOLDER / name).read_text()


def test_templates_begin_with_the_prohibition() -> None:
    for name in ("README.md", "dpia.md", "transparency-notice.md"):
        assert "Art. 5(1)(f)" in (FOLDER / name).read_text()


def test_notice_has_easy_form_with_short_sentences() -> None:
    easy = (FOLDER / "notice.md").read_text().split("## The same, easy to read")[1]
    sentences = [
        sentence for sentence in re.split(r"[.?!:]\s|\n", easy.replace("*", "")) if sentence.strip()
    ]
    assert max(len(sentence.split()) for sentence in sentences) <= 14
