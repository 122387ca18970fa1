"""The switch of the installation in the administration."""

import pytest
from django.test import Client
from django.urls import reverse

from fer_lms.audit.models import AuditEvent
from fer_lms.rules.queries import Switches
from tests.factories import make_user

pytestmark = pytest.mark.django_db
PAGE = "admin:rules_ruleswitch_changelist"


def test_an_administrator_switches_all_hints_off_and_on(client: Client) -> None:
    client.force_login(make_user(is_staff=True, is_superuser=True))
    assert b"Switch automatic hints off" in client.get(reverse(PAGE)).content
    answer = client.post(reverse("admin:rules_switch_everywhere"), {"off": "yes"}, follow=True)
    assert b"Automatic hints are off in all lessons." in answer.content
    assert Switches().is_disabled_for(lesson=1, learner=1)
    client.post(reverse("admin:rules_switch_everywhere"), {"off": "no"})
    assert not Switches().is_disabled_for(lesson=1, learner=1)
    actions = list(AuditEvent.objects.order_by("number").values_list("action", flat=True))
    assert actions[-2:] == ["rule.switched_off", "rule.switched_on"]


def test_staff_without_permission_cannot_switch(client: Client) -> None:
    client.force_login(make_user(is_staff=True))
    address = reverse("admin:rules_switch_everywhere")
    assert client.post(address, {"off": "yes"}).status_code == 403
    assert client.get(address).status_code == 405
    assert not Switches().is_disabled_for(lesson=1, learner=1)
