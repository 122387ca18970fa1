import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from fer_lms.lessons.models import Participant
from tests.factories import grant_all, make_learner, make_window

pytestmark = pytest.mark.django_db


@pytest.fixture
def watched(learner: Participant) -> Participant:
    grant_all(learner)
    make_window(learner)
    make_window(make_learner(learner.session))
    learner.user.set_password("correct horse battery")
    learner.user.save()
    return learner


def test_export_of_one_person(watched: Participant) -> None:
    told = StringIO()
    call_command("export_person", watched.user.username, stdout=told)
    found = json.loads(told.getvalue())
    assert found["person"]["public_id"] == str(watched.user.public_id)
    assert "password" not in found["person"]
    [place] = found["participations"]
    assert (place["lesson"], place["consent"]["capture"]) == ("Fractions", True)
    [window] = place["windows"]
    assert window["participant_id"] == str(watched.pk)
    assert window["score_sums"][0] == 100_000
    assert watched.user.password not in told.getvalue()


def test_export_file_is_private(watched: Participant, tmp_path: Path) -> None:
    path = tmp_path / "export.json"
    call_command("export_person", str(watched.user.public_id), "--output", str(path))
    assert json.loads(path.read_text())["person"]["username"] == watched.user.username
    assert path.stat().st_mode & 0o777 == 0o600
    path.write_text("what was there before, and longer than nothing" * 1000)
    path.chmod(0o644)
    call_command("export_person", str(watched.user.public_id), "--output", str(path))
    assert path.stat().st_mode & 0o777 == 0o600, "also where it was there before"
    assert json.loads(path.read_text())


def test_dry_run_writes_nothing(watched: Participant, tmp_path: Path) -> None:
    path = tmp_path / "export.json"
    told = StringIO()
    arguments = [watched.user.username, "--output", str(path), "--dry-run"]
    call_command("export_person", *arguments, stdout=told)
    assert told.getvalue().strip() == "1 sittings, 1 windows, 0 events would be written"
    assert not path.exists()
