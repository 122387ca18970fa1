"""A learner who left the course or whose account is disabled may not stream."""

import pytest

from fer_lms.lessons.models import Enrolment, Participant
from fer_lms.people.models import User
from fer_lms.streaming.web.permits import read_permits

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("mode", ["frames", "scores", "lesson"])
def test_a_member_is_permitted(permitted: Participant, mode: str) -> None:
    assert read_permits([permitted.pk])[permitted.pk].allows(mode)


@pytest.mark.parametrize("mode", ["frames", "scores", "lesson"])
@pytest.mark.parametrize("how", ["left the course", "disabled"])
def test_a_former_member_is_refused(permitted: Participant, mode: str, how: str) -> None:
    if how == "disabled":
        User.objects.filter(pk=permitted.user_id).update(is_active=False)
    else:
        Enrolment.objects.filter(user=permitted.user_id).update(active=False)
    permit = read_permits([permitted.pk])[permitted.pk]
    assert not permit.allows(mode)
    assert permit.get_refusal_reason(mode) == "no_participant"
