"""Test data: one learner with personal data and every kind of user."""

import uuid
from dataclasses import dataclass
from typing import Any

from django.test import Client

from fer_lms.integrations import tokens
from fer_lms.lessons.models import Enrolment, LessonSession, Participant, StepPicture, Supporter
from fer_lms.lti.models import LtiUser, Platform
from fer_lms.people.models import User
from fer_lms.policy.actions import ensure_demo_policy
from fer_lms.rights.tokens import create_token
from fer_lms.rules.actions import create_rule
from fer_lms.rules.engine.templates import TEMPLATES
from fer_lms.rules.models import Hint, InteractionRule, LearnerGroup, TeacherNotification
from inference.models.released import select_model
from tests.access.actors import Actor
from tests.access.routes import Route
from tests.factories import (
    NOON,
    grant_all,
    make_learner,
    make_session,
    make_supporter,
    make_teacher,
    make_user,
    make_window,
)

ISSUER, SUBJECT = "https://lms.example", "s-1"
MARKS = {"first_name": "Quixotina", "last_name": "Zyzzyva", "email": "zyzzyva@canary.example"}


@dataclass
class World:
    session: LessonSession
    learner: Participant
    rule: InteractionRule
    group: LearnerGroup
    word: TeacherNotification
    links: dict[Actor, Supporter]
    clients: dict[Actor, Client]
    headers: dict[Actor, dict[str, str]]
    people: dict[Actor, User]

    @property
    def values(self) -> dict[str, Any]:
        """Values of URL parameters: objects of the learner's session, and invalid secrets."""
        lesson = self.session.lesson
        return {
            "session_id": self.session.pk,
            "lesson_id": lesson.pk,
            "course_id": lesson.course_id,
            "step_id": lesson.steps.order_by("position").values_list("pk", flat=True)[0],
            "rule_id": self.rule.pk,
            "group_id": self.group.pk,
            "hint_id": self.word.hint_id,
            "notification_id": self.word.pk,
            "link_id": self.links[Actor.SUPPORT].pk,
            "sha256": select_model().sha256,
            "object_id": 1,
            "id": 1,
            "pk": uuid.uuid4(),
            "form": "json",
            "content_type_id": 1,
            "app_label": "lessons",
            "url": "",
            "token_id": 0,
            "webhook_id": uuid.uuid4(),
            "token": "made-up",
            "secret": "made-up",
        }

    def address_of(self, route: Route, actor: Actor = Actor.SUPPORT) -> str:
        """Return the address for this actor; a supporter uses their own link."""
        values = self.values
        if actor in self.links:
            values["link_id"] = self.links[actor].pk
        try:
            return route.address(values)
        except KeyError as error:
            raise AssertionError(
                f"/{route.path} has a parameter {error} that World.values in tests/access/world.py "
                "does not know: give it a value of the learner's session"
            ) from error

    def traces(self) -> list[str]:
        """Strings that identify the learner."""
        user = self.learner.user
        return [*MARKS.values(), user.username, str(self.learner.pk), str(user.public_id)]


def make_world() -> World:
    ensure_demo_policy()
    session, elsewhere = make_session(), make_session(started_at=NOON)
    learner = make_learner(session, **MARKS)
    classmate = make_learner(session)
    links = {Actor.SUPPORT: make_supporter(learner)}
    for participant in (learner, classmate):
        grant_all(participant)
        make_window(participant)
    links[Actor.SUPPORT_WITHOUT_A_YES] = make_supporter(learner)  # named after the yes
    step = session.lesson.steps.order_by("position")[0]
    StepPicture.objects.create(
        **{"step": step, "media_type": "image/png", "width": 1, "height": 1, "data": b"-"}
    )
    people = {
        Actor.LEARNER: learner.user,
        Actor.CLASSMATE: classmate.user,
        Actor.FORMER_LEARNER: make_former_learner(session),
        Actor.OTHER_LEARNER: make_learner(elsewhere).user,
        Actor.TEACHER: make_teacher(session).user,
        Actor.OTHER_TEACHER: make_teacher(elsewhere).user,
        **{actor: link.supporter for actor, link in links.items()},
        Actor.ADMINISTRATOR: make_user(is_staff=True, is_superuser=True),
    }
    platform = make_platform(ISSUER)
    LtiUser.objects.create(platform=platform, sub=SUBJECT, user=learner.user)
    headers = {
        Actor.PLATFORM: bearer(platform),
        Actor.OTHER_PLATFORM: bearer(make_platform("https://elsewhere.example")),
        Actor.TOKEN: api_token(people[Actor.TEACHER], session),
        Actor.OTHER_TOKEN: api_token(people[Actor.OTHER_TEACHER], elsewhere),
    }
    clients = {actor: signed_in(people.get(actor)) for actor in Actor}
    return World(session, learner, *make_help(learner), links, clients, headers, people)


def make_former_learner(session: LessonSession) -> User:
    learner = make_learner(session)
    Enrolment.objects.filter(user=learner.user).update(active=False)
    return learner.user


def make_help(learner: Participant) -> tuple[InteractionRule, LearnerGroup, TeacherNotification]:
    """Create a rule, a group with the learner, and consent to notify the teacher."""
    lesson = learner.session.lesson
    template = next(iter(TEMPLATES.values()))
    rule = create_rule(
        lesson=lesson, title="Ours", template="", spec=template.spec, user=make_user()
    )
    group = LearnerGroup.objects.create(course=lesson.course, title="A group")
    group.members.add(learner.user)
    hint = Hint.objects.create(
        participant=learner,
        occasion="once",
        kind=Hint.Kind.TELL_TEACHER,
        state=Hint.State.SHOWN,
        title="Shall I tell your teacher?",
        fired_at=NOON,
    )
    return rule, group, TeacherNotification.objects.create(hint=hint)


def make_platform(issuer: str) -> Platform:
    urls = {"auth_login_url": f"{issuer}/login", "key_set_url": f"{issuer}/keys"}
    return Platform.objects.create(
        name=issuer, issuer=issuer, client_id="tool", active=True, **urls
    )


def bearer(platform: Platform) -> dict[str, str]:
    return {"Authorization": f"Bearer {create_token(platform=platform)}"}


def api_token(teacher: User, session: LessonSession) -> dict[str, str]:
    value = tokens.create_token(
        maker=teacher, course=session.lesson.course, name="-", scopes=tokens.Scope.values, days=30
    )
    return {"Authorization": f"Bearer {value}"}


def signed_in(user: User | None) -> Client:
    client = Client(raise_request_exception=False)
    if user is not None:
        client.force_login(user)
    return client
