"""Entry as the support person of a simulated learner."""

import pytest
from django.test import Client

from fer_lms.audit.models import AuditEvent
from fer_lms.demo.actions import ensure_demo_data
from fer_lms.lessons.models import Supporter

pytestmark = pytest.mark.usefixtures("demo")


def test_support_person_sees_simulated_learner() -> None:
    session = ensure_demo_data()
    client = Client(headers={"host": "localhost:8000"})
    for _ in range(2):  # the same name is the same person, and nothing is named twice
        entered = client.post("/demo/support", {"name": "Alex"}).json()
    link = Supporter.objects.get()
    assert entered == {"link_id": str(link.pk), "role": "support"}
    assert (link.supporter.demo, link.learner.simulated) == (True, True)
    path = f"/api/v1/support/{link.pk}/sessions/{session.pk}/report"
    assert len(client.get(path).json()["windows"]) > 50
    assert AuditEvent.objects.filter(action="support.viewed").count() == 1
    assert client.get(f"/api/v1/sessions/{session.pk}/").status_code == 404
    assert client.post("/demo/support", {"name": "<b>"}).status_code == 400
