"""The integrator's pages name every HTTP address, and consent as it answers."""

import json
import re
from pathlib import Path

import pytest
from django.test import Client

from fer_lms.lessons.models import LessonSession
from tests.access.matrix import BY_PROOF, MATRIX
from tests.factories import make_learner

PAGE = "\n".join(
    Path(f"docs/integrator/{name}.md").read_text(encoding="utf-8")
    for name in ("protocol", "consent-api", "rest", "rest-authoring")
)


def shown(path: str) -> str:
    """Return a path of urls.py as the page writes it."""
    return "/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", path)


def test_every_path_is_documented() -> None:
    requests = [f"{method} {shown(path)}" for path, row in MATRIX.items() for method in row]
    wanted = [*requests, *(shown(path) for path in BY_PROOF)]
    missing = [url for url in wanted if not re.search(rf"{re.escape(url)}[`?]", PAGE)]
    assert not missing, "\n".join(missing)


@pytest.mark.django_db
def test_consent_response_is_documented(session: LessonSession) -> None:
    [example] = re.findall(r"```json\n(\{\"text_version\": [^`]*\"receipt\"[^`]*)```", PAGE)
    learner = make_learner(session)
    client = Client()
    client.force_login(learner.user)
    answer = client.get(f"/api/v1/sessions/{session.pk}/consent").json()
    written = json.loads(example)
    assert list(written) == list(answer)
    assert list(written["granted"]) == list(answer["granted"])
    for form, text in written["text"]["en"].items():
        assert text.keys() == answer["text"]["en"][form].keys()
        assert text["points"][0].keys() == answer["text"]["en"][form]["points"][0].keys()
