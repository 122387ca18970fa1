import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from fer_lms.lessons.models import Participant
from tests.factories import grant_all, make_learner, make_window

pytestmark = pytest.mark.django_db


@pytest.fixture
def learner_with_windows(learner: Participant) -> Participant:
    grant_all(learner)
    make_window(learner)
    make_window(make_learner(learner.session))
    learner.user.set_password("correct horse battery")
    learner.user.save()
    return learner


def test_export_of_one_person(learner_with_windows: Participant) -> None:
    output = StringIO()
    call_command("export_person", learner_with_windows.user.username, stdout=output)
    found = json.loads(output.getvalue())
    assert found["person"]["public_id"] == str(learner_with_windows.user.public_id)
    assert "password" not in found["person"]
    [place] = found["participations"]
    assert (place["lesson"], place["consent"]["capture"]) == ("Fractions", True)
    [window] = place["windows"]
    assert window["participant_id"] == str(learner_with_windows.pk)
    assert window["score_sums"][0] == 100_000
    assert learner_with_windows.user.password not in output.getvalue()


def test_export_file_is_private(learner_with_windows: Participant, tmp_path: Path) -> None:
    path = tmp_path / "export.json"
    call_command("export_person", str(learner_with_windows.user.public_id), "--output", str(path))
    assert json.loads(path.read_text())["person"]["username"] == learner_with_windows.user.username
    assert path.stat().st_mode & 0o777 == 0o600
    path.write_text("what was there before, and longer than nothing" * 1000)
    path.chmod(0o644)
    call_command("export_person", str(learner_with_windows.user.public_id), "--output", str(path))
    assert path.stat().st_mode & 0o777 == 0o600, "also where it was there before"
    assert json.loads(path.read_text())


def test_dry_run_writes_nothing(learner_with_windows: Participant, tmp_path: Path) -> None:
    path = tmp_path / "export.json"
    output = StringIO()
    arguments = [learner_with_windows.user.username, "--output", str(path), "--dry-run"]
    call_command("export_person", *arguments, stdout=output)
    assert output.getvalue().strip() == "1 sessions, 1 windows, 0 events would be written"
    assert not path.exists()
