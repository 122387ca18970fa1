"""A support person sees shared data until the learner withdraws this consent."""

import pytest
from playwright.sync_api import Page, expect

from fer_lms.stack import Stack
from tests.story.accessibility import check_accessibility
from tests.story.consent_answers import answer_questions
from tests.story.test_story import enter

pytestmark = pytest.mark.timeout(300)
WITH_A_MINUTE_TO_SEE = """
from django.core.management import call_command
from fer_lms.demo.actions import ensure_person
from fer_lms.engagement.models import ObservationWindow
from fer_lms.lessons.models import Participant
place = Participant.objects.get(user__first_name="Ines")
simulated = place.session.participants.get(user__username="demo-simulated-1")
for window in simulated.windows.order_by("start_at")[:6]:
    window.pk, window.participant = None, place
    window.save()
supporter = ensure_person(name="Noor", role="support")
course = place.session.lesson.course_id
people = {"supporter": supporter.username, "learner": place.user.username}
call_command("supporter", "name", course=course, **people)
"""


def test_sharing_and_withdrawal(
    student: Page, teacher_page: Page, address: str, stack: Stack
) -> None:
    session = enter(student, address, "student", "Ines")
    stack.run_command("shell", "-c", WITH_A_MINUTE_TO_SEE)
    student.goto(f"{address}/sessions/{session}/")
    student.get_by_test_id("begin").click()
    student.get_by_test_id("choose-camera").click()
    for _ in range(3):
        check_accessibility(student)
        student.get_by_test_id("consent-yes").click()
    expect(student.get_by_text("Support person: Noor.")).to_be_visible()
    student.get_by_test_id("consent-read-all").click()
    check_accessibility(student)
    answer_questions(student, "capture", "server_processing")
    expect(student.locator("camera-preview")).to_be_visible()

    helper = teacher_page
    helper.goto(f"{address}/demo/")
    helper.get_by_text("More ways to enter").click()
    form = helper.locator("form", has=helper.get_by_test_id("enter-support"))
    form.get_by_label("Name").fill("Noor")
    check_accessibility(helper)
    helper.get_by_test_id("enter-support").click()
    helper.wait_for_url("**/support/")
    check_accessibility(helper)
    helper.get_by_role("link", name="Ines").click()
    expect(helper.get_by_test_id("nothing-shared")).to_be_visible()
    check_accessibility(helper)

    student.goto(f"{address}/sessions/{session}/me/")
    expect(student.get_by_test_id("support-sees-not")).to_contain_text("unless you say yes")
    student.get_by_test_id("support-yes").press("Enter")
    expect(student.get_by_test_id("support-sees")).to_contain_text("Noor can see")
    assert student.evaluate("document.activeElement.textContent") == "Support persons"
    check_accessibility(student)
    helper.reload()
    expect(helper.get_by_test_id("shared")).to_contain_text("Ines shares this with you")
    expect(helper.locator("timeline-chart")).to_be_visible()
    check_accessibility(helper)

    student.get_by_test_id("support-no").press("Enter")
    expect(student.get_by_test_id("support-sees-not")).to_be_visible()
    expect(student.get_by_text("Only you can see this page")).to_be_visible()
    helper.reload()
    expect(helper.get_by_test_id("nothing-shared")).to_be_visible()
    expect(helper.locator("timeline-chart")).to_be_hidden()
