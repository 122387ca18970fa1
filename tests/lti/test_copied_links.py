"""Copied courses, duplicated activities, deleted and unwritten lessons."""

from typing import Any

import pytest
from django.core import signing

from fer_lms.audit.models import AuditEvent
from fer_lms.lessons.content.authoring import add_step
from fer_lms.lessons.models import (
    Course,
    Enrolment,
    Lesson,
    LessonSession,
    Question,
    Step,
    StepPicture,
)
from fer_lms.lti.launch.links import PROOF_SALT, build_lesson_parameters
from fer_lms.lti.models import LtiContext, LtiResourceLink, Platform
from fer_lms.people.models import User
from fer_lms.rules.actions import add_version, create_rule, retire_rule, set_switch
from fer_lms.rules.engine.spec import RuleSpec
from fer_lms.rules.models import InteractionRule, LearnerGroup
from fer_lms.rules.queries import Switches, get_active_rules
from tests.lti.conftest import Visitor
from tests.lti.platform import LTI, Claims

pytestmark = pytest.mark.django_db
OLD = {"id": "3", "title": "Maths 2025"}
NEW = {"id": "4", "title": "Maths 2026"}


def claims(visitor: Visitor, role: str, course: Any, link: str, **custom: Any) -> Claims:
    build = visitor.lms.teacher_link if role == "teacher" else visitor.lms.resource_link
    named = {"resource_link": {"id": link, "title": f"Activity {link}"}, "context": course}
    return build(**named, **{LTI + "custom": custom})


def launch(visitor: Visitor, role: str, course: Any, link: str, **custom: Any) -> str:
    response = visitor.launch(claims(visitor, role, course, link, **custom))
    assert response.status_code == 302, response.content.decode()
    return str(response["Location"])


def write(lesson: Lesson, text: str = "Read.") -> Lesson:
    content = {"title": "One", "body": text, "easy_body": "", "embed": None, "question": None}
    step = add_step(lesson=lesson, content=content | {"hints": []})
    Question.objects.create(step=step, kind="text", prompt="1 + 1?", accepted=["2"])
    StepPicture.objects.create(
        step=step, alternative_text="A pie", media_type="image/png", width=1, height=1, data=b"x"
    )
    return lesson


@pytest.fixture
def lessons(visitor: Visitor) -> list[Lesson]:
    """Two written lessons of last year's course."""
    launch(visitor, "teacher", OLD, "11")
    course = Course.objects.get()
    first = write(Lesson.objects.get())
    return [first, write(Lesson.objects.create(course=course, title="Decimals"))]


def parameters(lesson: Lesson, *, history: str = "3", proof: bool = True) -> dict[str, str]:
    named = build_lesson_parameters(lesson)
    if not proof:
        del named["lesson_proof"]
    return named | {"context_id_history": history, "other": "$Some.variable"}


def test_student_meets_no_empty_lesson_in_a_copied_course(
    visitor: Visitor, lessons: list[Lesson]
) -> None:
    path = launch(visitor, "student", NEW, "21", **parameters(lessons[0]))
    page = visitor.client.get(path)
    assert "is not ready yet" in page.content.decode()
    assert visitor.client.post(path, {"action": "copy"}).status_code == 404
    assert Lesson.objects.count() == 2
    assert not LessonSession.objects.exists()


@pytest.mark.parametrize("history", ["3", "", "$Context.id.history", "9,3"])
@pytest.mark.parametrize("teacher", ["teacher-1", "teacher-2"])
def test_one_click_copies_all_lessons(
    visitor: Visitor, lessons: list[Lesson], history: str, teacher: str
) -> None:
    custom = [parameters(lesson, history=history) for lesson in lessons]
    copied = claims(visitor, "teacher", NEW, "21", **custom[0]) | {"sub": teacher}
    path = visitor.launch(copied)["Location"]
    page = visitor.client.get(path).content.decode()
    assert "Maths 2025" in page
    assert "Copy all 2 lessons into this course" in page
    response = visitor.client.post(path, {"action": "copy"})
    new = Course.objects.get(title="Maths 2026")
    copies = {lesson.origin_key: lesson for lesson in new.lessons.all()}
    assert set(copies) == {lesson.pk for lesson in lessons}
    assert response["Location"] == f"/lessons/#lesson-{copies[lessons[0].pk].pk}"
    step = copies[lessons[1].pk].steps.get()
    assert (step.body, step.question.accepted, bytes(step.picture.data)) == ("Read.", ["2"], b"x")
    for lesson, link, names in zip(lessons, ("21", "22"), custom, strict=True):
        session = launch(visitor, "student", NEW, link, **names).split("/")[2]
        assert LessonSession.objects.get(pk=session).lesson == copies[lesson.pk]
    assert AuditEvent.objects.filter(action="lti.lessons_copied").count() == 1
    assert visitor.client.get(path).status_code == 302


def add_rules(lesson: Lesson, teacher: User) -> dict[str, InteractionRule]:
    """One rule of each kind; the name says what happens to it."""
    first, deleted = lesson.steps.get(), lesson.steps.create(position=9, title="Deleted")
    group = LearnerGroup.objects.create(course=lesson.course, title="Mia and Leo")
    course_rule = InteractionRule.objects.create(course=lesson.course, title="of the course")
    add_version(rule=course_rule, spec=RuleSpec(evidence="confusion"), user=teacher)
    specs = {
        "everywhere": RuleSpec(text="Look again."),
        "one step": RuleSpec(steps=(first.pk, deleted.pk), quiet_steps=(deleted.pk,)),
        "quiet step": RuleSpec(quiet_steps=(first.pk,)),
        "switched off": RuleSpec(action="question"),
        "removed": RuleSpec(),
        "for Mia": RuleSpec(learners=(teacher.pk,)),
        "for a group": RuleSpec(groups=(group.pk,)),
        "deleted step": RuleSpec(steps=(deleted.pk,)),
    }
    rules = {
        title: create_rule(lesson=lesson, title=title, spec=spec, user=teacher)
        for title, spec in specs.items()
    }
    add_version(rule=rules["everywhere"], spec=RuleSpec(text="Newest."), user=teacher)
    retire_rule(rule=rules["removed"], user=teacher)
    deleted.delete()
    built_in = InteractionRule.objects.filter(course=None, lesson=None).order_by("pk")[0]
    for rule in (rules["switched off"], built_in):
        set_switch(off=True, user=teacher, lesson=lesson, rule=rule)
    set_switch(off=True, user=teacher, lesson=lesson, learner=teacher)
    return rules | {"built in": built_in}


COPIED_RULES = {"of the course", "everywhere", "one step", "quiet step", "switched off"}


@pytest.mark.parametrize("teacher", ["teacher-1", "teacher-2"])
def test_rules_follow_without_those_that_name_people(
    visitor: Visitor, lessons: list[Lesson], teacher: str
) -> None:
    rules = add_rules(lessons[0], User.objects.get())
    copied = claims(visitor, "teacher", NEW, "21", **parameters(lessons[0])) | {"sub": teacher}
    path = visitor.launch(copied)["Location"]
    page = visitor.client.post(path, {"action": "copy"}).content.decode()
    assert "2 rules for single students or groups" in page
    assert "1 rule for steps that were deleted" in page
    for title in ("for Mia", "for a group", "deleted step"):
        assert (title in page) is (teacher == "teacher-1")  # names are for teachers of both

    copy = Lesson.objects.get(origin_key=lessons[0].pk)
    copies = {rule.title: rule for rule in InteractionRule.objects.filter(lesson=copy)}
    assert set(copies) == COPIED_RULES
    specs = {rule.rule_id: rule for rule in get_active_rules(copy)}
    step = copy.steps.get()
    assert specs[copies["everywhere"].pk].spec.text == "Newest."
    assert specs[copies["one step"].pk].spec == RuleSpec(steps=(step.pk,))
    assert specs[copies["quiet step"].pk].spec == RuleSpec(quiet_steps=(step.pk,))
    off = {rule for lesson, rule, learner in Switches()._off if lesson == copy.pk}
    assert off == {copies["switched off"].pk, rules["built in"].pk}
    assert not LearnerGroup.objects.filter(course=copy.course).exists()
    assert not any(rule.spec.learners or rule.spec.groups for rule in specs.values())
    other = Lesson.objects.get(origin_key=lessons[1].pk)
    titles = InteractionRule.objects.filter(lesson=other).values_list("title", flat=True)
    assert list(titles) == ["of the course"]

    assert visitor.client.post(path, {"action": "copy"}).status_code == 302
    assert InteractionRule.objects.filter(lesson=copy).count() == len(COPIED_RULES)


def test_lesson_whose_hints_are_off_stays_so(visitor: Visitor, lessons: list[Lesson]) -> None:
    set_switch(off=True, user=User.objects.get(), lesson=lessons[0])
    path = launch(visitor, "teacher", NEW, "21", **parameters(lessons[0]))
    assert visitor.client.post(path, {"action": "copy"}).status_code == 302
    off = [Switches().is_off(lesson=copy.pk) for copy in Lesson.objects.order_by("pk")]
    assert off == [True, False, True, False]


def test_copy_of_a_copy_follows_the_latest_course(visitor: Visitor, lessons: list[Lesson]) -> None:
    names = parameters(lessons[0])
    visitor.client.post(launch(visitor, "teacher", NEW, "21", **names), {"action": "copy"})
    Step.objects.filter(lesson__course__title="Maths 2026").update(body="Changed.")
    newest = {"id": "5", "title": "Maths 2027"}
    for history in ("4,3", "4"):
        names["context_id_history"] = history
        path = launch(visitor, "teacher", newest, "31", **names)
    assert "Maths 2026" in visitor.client.get(path).content.decode()
    visitor.client.post(path, {"action": "copy"})
    copies = Lesson.objects.filter(course__title="Maths 2027")
    assert {step.body for copy in copies for step in copy.steps.all()} == {"Changed."}
    assert {copy.origin_key for copy in copies} == {lesson.pk for lesson in lessons}
    assert launch(visitor, "teacher", newest, "31", **names).startswith("/lessons/#lesson-")


def test_copying_twice_makes_one_copy(visitor: Visitor, lessons: list[Lesson]) -> None:
    first = launch(visitor, "teacher", NEW, "21", **parameters(lessons[0]))
    second = launch(visitor, "teacher", NEW, "22", **parameters(lessons[1]))
    for path in (first, second, first):
        visitor.client.post(path, {"action": "copy"})
    assert Lesson.objects.count() == 4


@pytest.mark.parametrize("proof", ["", "forged", "other"])
def test_key_without_proof_shows_nothing_of_another_teachers_course(
    visitor: Visitor, lessons: list[Lesson], proof: str
) -> None:
    """A teacher writes the number of somebody else's lesson into a link."""
    names = parameters(lessons[0], proof=False)
    if proof:
        other = signing.Signer(salt=PROOF_SALT).signature("999")
        names["lesson_proof"] = "x" if proof == "forged" else other
    stranger = claims(visitor, "teacher", NEW, "21", **names) | {"sub": "teacher-2"}
    path = visitor.launch(stranger)["Location"]
    page = visitor.client.get(path).content.decode()
    assert "comes from another course" in page
    for canary in ("Maths 2025", "Adding", "Decimals"):
        assert canary not in page
    assert visitor.client.post(path, {"action": "copy"}).status_code == 400
    assert Lesson.objects.count() == 2


def test_teacher_of_both_courses_needs_no_proof(visitor: Visitor, lessons: list[Lesson]) -> None:
    """Links that were made before they carried proofs."""
    path = launch(visitor, "teacher", NEW, "21", **parameters(lessons[0], proof=False))
    assert visitor.client.post(path, {"action": "copy"}).status_code == 302
    assert Lesson.objects.count() == 4


def test_lessons_of_another_platform_are_not_offered(
    visitor: Visitor, lessons: list[Lesson], platform: Platform
) -> None:
    other = Platform.objects.create(name="b", issuer="https://b.example", client_id="1")
    LtiContext.objects.get().deployment.__class__.objects.filter(platform=platform).update(
        deployment_id="moved"
    )
    LtiContext.objects.update(
        deployment=other.deployments.create(deployment_id="7"),
    )
    platform.deployments.update_or_create(deployment_id="7", defaults={"active": True})
    path = launch(visitor, "teacher", NEW, "21", **parameters(lessons[0]))
    assert "was deleted" in visitor.client.get(path).content.decode()


@pytest.mark.parametrize("names_lesson", [False, True])
def test_deleted_lesson_is_named_as_such(
    visitor: Visitor, lessons: list[Lesson], names_lesson: bool
) -> None:
    names = parameters(lessons[0]) if names_lesson else {}
    lessons[0].delete()
    path = launch(visitor, "student", OLD, "11", **names)
    assert "was deleted" in visitor.client.get(path).content.decode()
    path = launch(visitor, "teacher", OLD, "11", **names)
    page = visitor.client.get(path).content.decode()
    assert "The lesson of this activity was deleted" in page
    assert "Decimals" in page
    assert visitor.client.post(path, {"action": "select", "lesson": "999"}).status_code == 400
    visitor.client.post(path, {"action": "select", "lesson": lessons[1].pk})
    session = launch(visitor, "student", OLD, "11", **names).split("/")[2]
    assert LessonSession.objects.get(pk=session).lesson == lessons[1]


def test_empty_lesson_in_place_of_a_deleted_one(visitor: Visitor, lessons: list[Lesson]) -> None:
    names = parameters(lessons[0])
    lessons[0].delete()
    path = launch(visitor, "teacher", OLD, "11", **names)
    response = visitor.client.post(path, {"action": "create"})
    made = Lesson.objects.get(title="Activity 11")
    assert response["Location"] == f"/lessons/{made.pk}/edit/"
    assert launch(visitor, "teacher", OLD, "11", **names) == f"/lessons/{made.pk}/edit/"


def test_duplicated_activity_has_its_own_session(visitor: Visitor, lessons: list[Lesson]) -> None:
    names = parameters(lessons[0])
    first = launch(visitor, "student", OLD, "11", **names)
    copy = launch(visitor, "student", OLD, "12", **names)
    assert first != copy
    assert launch(visitor, "student", OLD, "11", **names) == first
    assert launch(visitor, "student", OLD, "12", **names) == copy
    sessions = LessonSession.objects.order_by("started_at")
    assert {session.lesson for session in sessions} == {lessons[0]}
    assert [str(session.activity) for session in sessions] == ["Activity 11", "Activity 12"]


def test_teacher_starts_a_session_for_one_activity(visitor: Visitor, lessons: list[Lesson]) -> None:
    names = parameters(lessons[0])
    for link in ("11", "12"):
        launch(visitor, "teacher", OLD, link, **names)
    (lesson,) = [row for row in visitor.client.get("/api/v1/lessons/").json() if row["activities"]]
    assert [row["title"] for row in lesson["activities"]] == ["Activity 11", "Activity 12"]
    path = f"/api/v1/lessons/{lessons[0].pk}/sessions/"
    started = {}
    for activity in (None, lesson["activities"][1]["id"]):
        sent = {"closes_at": None, "activity_id": activity}
        response = visitor.client.post(path, sent, content_type="application/json")
        assert response.status_code == 201, response.content
        started[activity] = response.json()["id"]
    wrong = visitor.client.post(path, {"activity_id": 999}, content_type="application/json")
    assert wrong.status_code == 400
    for link, activity in zip(("11", "12"), started, strict=True):
        assert launch(visitor, "student", OLD, link, **names) == f"/sessions/{started[activity]}/"


def test_unwritten_lesson_asks_nothing_of_students(visitor: Visitor) -> None:
    path = launch(visitor, "student", OLD, "11")
    page = visitor.client.get(path).content.decode()
    assert "Activity 11" in page
    assert "still writing this lesson" in page
    for element in ("lesson-page", "student.ts", "consent"):
        assert element not in page.replace("Withdraw consent", "")
    write(Lesson.objects.get())
    assert "<lesson-page" in visitor.client.get(path).content.decode()


def test_unwritten_lesson_opens_the_editor_for_teachers(visitor: Visitor) -> None:
    path = launch(visitor, "teacher", OLD, "11")
    lesson = Lesson.objects.get()
    assert path == f"/lessons/{lesson.pk}/edit/"
    Step.objects.create(lesson=lesson, position=1, title="Only a title")
    assert launch(visitor, "teacher", OLD, "11") == path
    write(lesson)
    assert launch(visitor, "teacher", OLD, "11") == f"/lessons/#lesson-{lesson.pk}"


def test_link_page_of_another_course_is_not_found(visitor: Visitor, lessons: list[Lesson]) -> None:
    path = launch(visitor, "teacher", NEW, "21", **parameters(lessons[0]))
    Enrolment.objects.update(active=False)
    assert visitor.client.get(path).status_code == 404
    assert LtiResourceLink.objects.count() == 2
