"""REST for teachers: the rules of a lesson, their versions and switches, and where they would
have spoken."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from django.utils.translation import gettext
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from fer_lms.api.rule_answers import (
    group_answer,
    groups_answer,
    preview_answer,
    rule_answer,
    rules_answer,
    spec_of,
    version_answer,
)
from fer_lms.api.rule_serializers import (
    EverywhereSwitchShape,
    GroupShape,
    GroupsShape,
    NewRuleShape,
    NewVersionShape,
    PreviewShape,
    PreviewWantedShape,
    RuleShape,
    RulesShape,
    SwitchShape,
    TeacherWordShape,
    VersionShape,
)
from fer_lms.api.serializers import ProblemShape, Shape
from fer_lms.audit.read_access import record_read_access
from fer_lms.lessons.access import get_taught_lesson, get_taught_session
from fer_lms.lessons.models import Lesson
from fer_lms.people.models import User
from fer_lms.rules.access import (
    can_edit_rule,
    get_group_for_teacher,
    get_learner_of_lesson,
    get_learners_of_lesson,
    get_notification_for_teacher,
    get_rule_for_teacher,
)
from fer_lms.rules.actions import (
    DuplicateGroupError,
    InvalidRuleError,
    add_version,
    create_group,
    create_rule,
    delete_group,
    mark_notification_seen,
    retire_rule,
    set_switch,
    update_group,
)
from fer_lms.rules.engine.spec import RuleSpec, validate_spec
from fer_lms.rules.models import InteractionRule
from fer_lms.rules.queries import list_teacher_notifications
from fer_lms.rules.trials.preview import preview_recorded, preview_simulated

PROBLEMS = {400: ProblemShape, 403: ProblemShape, 404: ProblemShape}


def _valid(shape: type[Shape], request: Request) -> dict[str, Any]:
    sent = shape(data=request.data)
    sent.is_valid(raise_exception=True)
    return cast(dict[str, Any], sent.validated_data)


def _refused(error: InvalidRuleError) -> ValidationError:
    return ValidationError({"spec": {each.name: [each.words] for each in error.problems}})


def _spec(values: dict[str, Any], lesson: Lesson, rule: InteractionRule | None = None) -> RuleSpec:
    """What was sent as a rule, `rule` where it is one already; every problem of it at once."""
    said = [version.spec for version in rule.versions.all()] if rule else ()
    try:
        spec = spec_of(values, lesson, said)
        if problems := validate_spec(spec):
            raise InvalidRuleError(problems)
    except InvalidRuleError as error:
        raise _refused(error) from error
    return spec


def _editable(user: User, lesson_id: int, rule_id: int) -> InteractionRule:
    rule = get_rule_for_teacher(user=user, lesson_id=lesson_id, rule_id=rule_id)
    if not can_edit_rule(user=user, rule=rule):
        raise PermissionDenied(
            gettext("This rule comes with the product. Switch it off, or make one of your own.")
        )
    return rule


class RulesView(APIView):
    @extend_schema(responses={200: RulesShape, **PROBLEMS})
    def get(self, request: Request, lesson_id: int) -> Response:
        """Rules of a lesson, and all that an editor needs to make more."""
        lesson = get_taught_lesson(user=request.user, lesson_id=lesson_id)
        return Response(RulesShape(rules_answer(lesson, request.user)).data)

    @extend_schema(request=NewRuleShape, responses={201: RuleShape, **PROBLEMS})
    def post(self, request: Request, lesson_id: int) -> Response:
        """Makes a rule of this lesson."""
        lesson = get_taught_lesson(user=request.user, lesson_id=lesson_id)
        sent = _valid(NewRuleShape, request)
        rule = create_rule(
            lesson=lesson,
            title=sent["title"],
            template=sent["template"],
            spec=_spec(sent["spec"], lesson),
            user=cast(User, request.user),
        )
        return Response(RuleShape(rule_answer(rule, lesson, request.user)).data, status=201)


class RuleView(APIView):
    @extend_schema(responses={204: None, **PROBLEMS})
    def delete(self, request: Request, lesson_id: int, rule_id: int) -> Response:
        """Takes a rule away; the hints it gave keep their reason."""
        user = cast(User, request.user)
        retire_rule(rule=_editable(user, lesson_id, rule_id), user=user)
        return Response(status=204)


class VersionsView(APIView):
    @extend_schema(responses={200: VersionShape(many=True), **PROBLEMS})
    def get(self, request: Request, lesson_id: int, rule_id: int) -> Response:
        """Everything that a rule ever said, the newest first."""
        rule = get_rule_for_teacher(user=request.user, lesson_id=lesson_id, rule_id=rule_id)
        versions = rule.versions.select_related("made_by").order_by("-number")
        return Response(VersionShape([version_answer(each) for each in versions], many=True).data)

    @extend_schema(request=NewVersionShape, responses={201: VersionShape, **PROBLEMS})
    def post(self, request: Request, lesson_id: int, rule_id: int) -> Response:
        """Says something else from now on."""
        user = cast(User, request.user)
        rule = _editable(user, lesson_id, rule_id)
        lesson = get_taught_lesson(user=user, lesson_id=lesson_id)
        spec = _spec(_valid(NewVersionShape, request)["spec"], lesson, rule)
        version = add_version(rule=rule, spec=spec, user=user)
        return Response(VersionShape(version_answer(version)).data, status=201)


class SwitchView(APIView):
    @extend_schema(request=SwitchShape, responses={204: None, **PROBLEMS})
    def post(self, request: Request, lesson_id: int) -> Response:
        """Hints off or on in this lesson: all, of one rule, for one learner. Holds at once."""
        lesson = get_taught_lesson(user=request.user, lesson_id=lesson_id)
        sent = _valid(SwitchShape, request)
        rule_id, learner_id = sent["rule_id"], sent["learner_id"]
        set_switch(
            off=sent["off"],
            user=cast(User, request.user),
            lesson=lesson,
            rule=get_rule_for_teacher(user=request.user, lesson_id=lesson_id, rule_id=rule_id)
            if rule_id is not None
            else None,
            learner=get_learner_of_lesson(lesson=lesson, learner_id=learner_id)
            if learner_id is not None
            else None,
        )
        return Response(status=204)


class EverywhereSwitchView(APIView):
    @extend_schema(request=EverywhereSwitchShape, responses={204: None, 403: ProblemShape})
    def post(self, request: Request) -> Response:
        """Hints off or on for the whole installation; administrators only."""
        user = cast(User, request.user)
        if not user.is_superuser and not user.has_perm("rules.add_ruleswitch"):
            raise PermissionDenied(gettext("Only an administrator can switch this."))
        set_switch(off=_valid(EverywhereSwitchShape, request)["off"], user=user)
        return Response(status=204)


class PreviewView(APIView):
    @extend_schema(request=PreviewWantedShape, responses={200: PreviewShape, **PROBLEMS})
    def post(self, request: Request, lesson_id: int) -> Response:
        """Where a rule would have spoken: over a sitting, or over a made-up class."""
        lesson = get_taught_lesson(user=request.user, lesson_id=lesson_id)
        sent = _valid(PreviewWantedShape, request)
        rule = None
        if sent["rule_id"] is not None:
            rule = get_rule_for_teacher(
                user=request.user, lesson_id=lesson_id, rule_id=sent["rule_id"]
            )
        spec = _spec(sent["spec"], lesson, rule)
        session_id: uuid.UUID | None = sent["session_id"]
        if session_id is None:
            preview = preview_simulated(lesson, spec)
        else:
            session = get_taught_session(user=request.user, session_id=session_id)
            preview = preview_recorded(session, spec)
        return Response(PreviewShape(preview_answer(preview, spec)).data)


def _group_fields(lesson: Lesson, request: Request) -> dict[str, Any]:
    sent = _valid(GroupShape, request)
    members = get_learners_of_lesson(lesson=lesson, learner_ids=sent["members"])
    return {"title": sent["title"], "members": members, "user": cast(User, request.user)}


@contextmanager
def _told_of_names() -> Iterator[None]:
    try:
        yield
    except DuplicateGroupError as error:
        words = gettext("There is a group of this name already.")
        raise ValidationError({"title": [words]}) from error


class GroupsView(APIView):
    @extend_schema(responses={200: GroupsShape, **PROBLEMS})
    def get(self, request: Request, lesson_id: int) -> Response:
        """The groups of the lesson's course, and whom a group can be made of."""
        lesson = get_taught_lesson(user=request.user, lesson_id=lesson_id)
        return Response(GroupsShape(groups_answer(lesson)).data)

    @extend_schema(request=GroupShape, responses={201: GroupShape, **PROBLEMS})
    def post(self, request: Request, lesson_id: int) -> Response:
        """Makes a group of learners that rules can be for."""
        lesson = get_taught_lesson(user=request.user, lesson_id=lesson_id)
        fields = _group_fields(lesson, request)
        with _told_of_names():
            group = create_group(course=lesson.course, **fields)
        return Response(GroupShape(group_answer(group)).data, status=201)


class GroupView(APIView):
    @extend_schema(request=GroupShape, responses={200: GroupShape, **PROBLEMS})
    def put(self, request: Request, lesson_id: int, group_id: int) -> Response:
        """Another name, other members."""
        lesson = get_taught_lesson(user=request.user, lesson_id=lesson_id)
        group = get_group_for_teacher(user=request.user, lesson_id=lesson_id, group_id=group_id)
        fields = _group_fields(lesson, request)
        with _told_of_names():
            update_group(group=group, **fields)
        return Response(GroupShape(group_answer(group)).data)

    @extend_schema(responses={204: None, **PROBLEMS})
    def delete(self, request: Request, lesson_id: int, group_id: int) -> Response:
        """Dissolves a group; a rule for it alone then holds for nobody."""
        group = get_group_for_teacher(user=request.user, lesson_id=lesson_id, group_id=group_id)
        delete_group(group=group, user=cast(User, request.user))
        return Response(status=204)


class WordsView(APIView):
    @extend_schema(responses={200: TeacherWordShape(many=True), **PROBLEMS})
    def get(self, request: Request, session_id: uuid.UUID) -> Response:
        """Learners who said yes, just now, to "Shall I tell your teacher?"."""
        session = get_taught_session(user=request.user, session_id=session_id)
        for word in list_teacher_notifications(session):
            person = word.hint.participant.user
            record_read_access(actor=cast(User, request.user), action="word.viewed", subject=person)
        words = [
            {
                "id": word.pk,
                "learner": word.hint.participant.user.get_full_name()
                or word.hint.participant.user.username,
                "step": word.hint.step.title if word.hint.step else "",
                "said_at": word.said_at,
                "seen": word.seen_at is not None,
            }
            for word in list_teacher_notifications(session)
        ]
        return Response(TeacherWordShape(words, many=True).data)


class WordSeenView(APIView):
    @extend_schema(request=None, responses={204: None, **PROBLEMS})
    def post(self, request: Request, session_id: uuid.UUID, word_id: int) -> Response:
        """The teacher has seen it."""
        mark_notification_seen(
            word=get_notification_for_teacher(
                user=request.user, session_id=session_id, word_id=word_id
            )
        )
        return Response(status=204)
