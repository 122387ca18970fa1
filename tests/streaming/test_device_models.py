"""Models of on-device mode: served to signed-in users while inference is permitted."""

import hashlib

import pytest
from django.test import Client

from fer_lms.lessons.models import Participant
from fer_lms.policy.models import DeploymentPolicy
from fer_lms.static_headers import add_static_headers
from inference.models.released import select_model
from inference.models.store import FACE_LANDMARKER

READER = "/api/v1/device-reader"


@pytest.fixture
def learner_client(client: Client, learner: Participant) -> Client:
    client.force_login(learner.user)
    return client


@pytest.mark.usefixtures("policy")
def test_the_served_files_are_those_of_the_workers(learner_client: Client) -> None:
    answer = learner_client.get(READER).json()
    network = select_model()
    assert (answer["network_sha256"], answer["network_side"]) == (network.sha256, network.side)
    got = learner_client.get(answer["network_url"])
    assert hashlib.sha256(got.content).hexdigest() == network.sha256
    assert "immutable" in got.headers["Cache-Control"]
    assert answer["landmarks_url"].endswith(FACE_LANDMARKER.sha256)


@pytest.mark.usefixtures("policy")
def test_a_damaged_file_is_not_served(
    learner_client: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setenv("FER_MODEL_DIR", str(tmp_path))
    assert learner_client.get(f"{READER}/{FACE_LANDMARKER.sha256}").status_code == 404
    assert learner_client.get(f"{READER}/{'0' * 64}").status_code == 404


def test_without_a_policy_no_model_is_served(learner_client: Client) -> None:
    refused = learner_client.get(READER)
    assert (refused.status_code, refused.json()["reason"]) == (403, "no_policy")
    assert learner_client.get(f"{READER}/{select_model().sha256}").status_code == 404


def test_a_model_is_not_served_without_signing_in(client: Client, policy: DeploymentPolicy) -> None:
    assert client.get(READER).status_code == 403
    assert client.get(f"{READER}/{select_model().sha256}").status_code == 404


@pytest.mark.parametrize(("name", "bound"), [("reader.worker-1.js", True), ("site-1.css", False)])
def test_a_script_worker_may_load_files_of_this_installation_only(name: str, bound: bool) -> None:
    headers: dict[str, str] = {}
    add_static_headers(headers, f"/x/{name}", f"/static/dist/assets/{name}")
    policy = headers.get("Content-Security-Policy", "")
    assert ("connect-src 'self'" in policy and "default-src 'none'" in policy) is bound
