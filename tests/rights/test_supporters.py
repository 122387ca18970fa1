"""Export, erasure and retention of supporters."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from fer_lms.lessons.models import Participant, Supporter
from fer_lms.lessons.support_actions import end_support
from fer_lms.policy.models import DeploymentPolicy
from fer_lms.policy.queries import get_disclosed_policy
from fer_lms.rights.actions import erase_person
from fer_lms.rights.queries import collect_personal_data
from fer_lms.rights.retention import purge_expired
from tests.factories import make_supporter

pytestmark = pytest.mark.django_db


def test_supporter_is_in_both_exports(learner: Participant) -> None:
    link = make_supporter(learner, first_name="Ada", last_name="Ott")
    [row] = collect_personal_data(learner.user)["supporters"]
    assert (row["id"], row["name"]) == (link.pk, "Ada Ott")
    [row] = collect_personal_data(link.supporter)["supports"]
    assert (row["id"], row["learner_id"]) == (link.pk, learner.user_id)
    assert learner.user.username not in str(collect_personal_data(link.supporter))
    client = Client()
    client.force_login(learner.user)
    assert "Ada Ott" in client.get("/my-data/").content.decode()


@pytest.mark.parametrize("who", ["supporter", "learner"])
def test_erasing_either_deletes_the_supporter(learner: Participant, who: str) -> None:
    link = make_supporter(learner)
    erased = erase_person(user=getattr(link, who))
    assert erased.counts["lessons.Supporter"] == 1
    assert not Supporter.objects.exists()


def test_supporters_are_purged_like_consents(
    learner: Participant, policy: DeploymentPolicy
) -> None:
    link = make_supporter(learner)
    kept = timedelta(days=get_disclosed_policy().consents_kept_days)
    Supporter.objects.update(since=timezone.now() - 2 * kept)
    purge_expired()
    end_support(link=link, actor=None)
    purge_expired()
    assert Supporter.objects.exists()
    Supporter.objects.update(ended_at=timezone.now() - kept - timedelta(days=1))
    assert purge_expired(dry_run=True)["consents"] == 1
    purge_expired()
    assert not Supporter.objects.exists()
