"""The policy banner on every page, including the admin; error pages carry no data."""

import pytest
from django.test import Client

from tests.factories import make_user

pytestmark = pytest.mark.django_db
PAGES = ("/privacy/", "/admin/", "/admin/policy/deploymentpolicy/", "/admin/login/")


@pytest.mark.usefixtures("policy")
@pytest.mark.parametrize("page", PAGES)
def test_demo_banner_is_on_every_page(client: Client, page: str) -> None:
    client.force_login(make_user(is_staff=True, is_superuser=True))
    shown = client.get(page, follow=True).content.decode()
    assert "Demonstration for adults on this machine. Not for use with pupils." in shown


@pytest.mark.parametrize("page", PAGES)
def test_banner_without_policy_is_on_every_page(client: Client, page: str) -> None:
    client.force_login(make_user(is_staff=True, is_superuser=True))
    assert "Camera features are off" in client.get(page, follow=True).content.decode()
