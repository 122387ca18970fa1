"""Whoever deleted their account reads so, in the frame too, and on the way back."""

import pytest

from fer_lms.people.models import User
from tests.lti.conftest import Visitor
from tests.lti.test_refusals import check_readable

pytestmark = pytest.mark.django_db


def test_back_after_deleting_everything(visitor: Visitor) -> None:
    lesson = visitor.launch()["Location"]
    deleted = visitor.client.post("/my-data/erase", {"sure": "yes"})
    check_readable(deleted)
    assert "Partitioned" in deleted.cookies["sessionid"].OutputString()
    for path in (lesson, f"{lesson}me/", "/my-data/", "/me/", "/"):
        response = visitor.client.get(path, follow=True)
        check_readable(response)
        assert "Your account here is deleted" in response.content.decode()
    assert not User.objects.exists()


def test_new_account_after_deleting_says_so_once(visitor: Visitor) -> None:
    visitor.launch()
    visitor.client.post("/my-data/erase", {"sure": "yes"})
    lesson = visitor.launch()["Location"]
    words = "This is a new account"
    assert words in visitor.client.get(lesson).content.decode()
    assert words not in visitor.client.get(lesson).content.decode()
    assert words not in visitor.client.get(visitor.launch()["Location"]).content.decode()
