"""Admin pages of policies: draft, checklist, signing and ending."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from fer_lms.people.models import User
from fer_lms.policy import hint_arrival
from fer_lms.policy.actions import save_draft
from fer_lms.policy.hint_arrival import HintArrival, store_hint_arrival
from fer_lms.policy.models import DeploymentPolicy
from fer_lms.policy.queries import get_active_policy, is_inference_permitted
from tests.factories import make_user
from tests.policy.drafts import complete_draft, sign_complete

pytestmark = pytest.mark.django_db
LIST = "/admin/policy/deploymentpolicy/"


@pytest.fixture
def administrator(client: Client) -> User:
    user = make_user(is_staff=True, is_superuser=True)
    user.set_password("open sesame")
    user.save()
    client.force_login(user)
    return user


def build_post_data(**fields: object) -> dict[str, str]:
    """Return the form's fields as a browser sends them."""
    draft = complete_draft("eu", **fields)
    until = timezone.now() + timedelta(days=300)
    times = {
        "valid_from_0": "2026-11-01",
        "valid_from_1": "10:00:00",
        "valid_until_0": f"{until:%Y-%m-%d}",
        "valid_until_1": "10:00:00",
    }
    values = {item.name: getattr(draft, item.name) for item in draft._meta.concrete_fields}
    boxes = {"permits_inference": "on", "on_device_only": "on"}
    plain = {
        name: str(value)
        for name, value in values.items()
        if value is not None and not isinstance(value, bool) and not name.startswith("valid_")
    }
    return plain | times | boxes


def get_page(client: Client, path: str) -> str:
    return client.get(path).content.decode()


def test_draft_is_signed_and_ended(client: Client, administrator: User) -> None:
    saved = client.post(f"{LIST}add/", build_post_data(reference=""), follow=True).content.decode()
    assert 'data-requirement="reference" data-met="no"' in saved
    assert 'data-requirement="assessment" data-met="yes"' in saved
    assert 'data-testid="to-sign"' not in saved
    pk = DeploymentPolicy.objects.get().pk
    saved = client.post(f"{LIST}{pk}/change/", build_post_data(), follow=True).content.decode()
    assert 'data-met="no"' not in saved
    assert 'data-testid="to-sign"' in saved
    assert "DPIA 4" in get_page(client, f"{LIST}{pk}/sign/"), "what is signed is shown"
    wrong = client.post(f"{LIST}{pk}/sign/", {"name": "A. Head", "password": "guess"})
    assert "Wrong password" in wrong.content.decode()
    assert not is_inference_permitted()
    client.post(f"{LIST}{pk}/sign/", {"name": "A. Head", "password": "open sesame"})
    assert is_inference_permitted()
    client.post(f"{LIST}{pk}/end/", {"confirmation": "yes"})
    assert is_inference_permitted(), "the name has to be entered"
    client.post(f"{LIST}{pk}/end/", {"confirmation": f"Policy {pk}"})
    assert not is_inference_permitted()
    assert "ended" in get_page(client, LIST)


def test_expired_draft_cannot_be_signed_in_admin(client: Client, administrator: User) -> None:
    now = timezone.now()
    over = {"valid_from": now - timedelta(days=3), "valid_until": now - timedelta(days=1)}
    draft = complete_draft("uk", **over)
    draft.save()
    assert "last day has passed" in get_page(client, f"{LIST}{draft.pk}/change/")
    signed = client.post(f"{LIST}{draft.pk}/sign/", {"name": "A.", "password": "open sesame"})
    assert "cannot be signed" in signed.content.decode()
    assert get_active_policy() is None


def test_signed_policy_is_read_only(client: Client, administrator: User) -> None:
    policy = sign_complete()
    shown = get_page(client, f"{LIST}{policy.pk}/change/")
    assert "A. Head" in shown
    assert 'name="kept_days"' not in shown
    assert client.post(f"{LIST}{policy.pk}/change/", build_post_data()).status_code == 403
    assert client.post(f"{LIST}{policy.pk}/delete/", {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("path", ["add/", "{pk}/sign/", "{pk}/end/", "{pk}/change/"])
def test_staff_without_permission_cannot_sign(client: Client, path: str) -> None:
    policy = sign_complete()
    client.force_login(make_user(is_staff=True))
    assert client.post(LIST + path.format(pk=policy.pk), build_post_data()).status_code == 403


def test_form_states_what_the_arrival_of_a_hint_tells(
    client: Client, administrator: User, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(hint_arrival, "MEASUREMENT_PATH", tmp_path / "hint_arrival.json")
    page = get_page(client, f"{LIST}add/")
    assert "Whoever sees which hint reaches which student" in page
    assert "Measured over simulated classes" not in page
    store_hint_arrival([HintArrival("5-7", 0.31, 0.27, 0.352)])
    assert "5-7 students 31 % (27 to 35 %)" in get_page(client, f"{LIST}add/")


def test_sign_page_warns_of_face_evidence_in_hints(client: Client, administrator: User) -> None:
    pages = {}
    for is_on in (False, True):
        draft = complete_draft("eu", face_evidence_in_hints=is_on)
        draft = save_draft(policy=draft, actor=administrator)
        pages[is_on] = get_page(client, f"{LIST}{draft.pk}/sign/")
    assert 'data-testid="hint-arrival"' in pages[True]
    assert 'data-testid="hint-arrival"' not in pages[False]
