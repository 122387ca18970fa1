"""REST endpoints for teachers: rules of a lesson, their versions, switches and previews, and
learner groups."""

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, cast

from django.utils.translation import gettext
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from fer_lms.api.errors import PROBLEMS, EditConflict, ProblemSerializer
from fer_lms.api.rules.representations import (
    represent_group,
    represent_groups,
    represent_lesson_rules,
    represent_preview,
    represent_rule,
    represent_version,
    resolve_spec,
)
from fer_lms.api.rules.serializers import (
    GlobalSwitchSerializer,
    LearnerGroupSerializer,
    LearnerGroupsSerializer,
    LessonRulesSerializer,
    NewRuleSerializer,
    NewRuleVersionSerializer,
    PreviewParametersSerializer,
    RulePreviewSerializer,
    RuleSerializer,
    RuleSwitchSerializer,
    RuleVersionSerializer,
    TeacherNotificationSerializer,
)
from fer_lms.api.validation import validate_body
from fer_lms.audit.read_access import record_read_access
from fer_lms.lessons.access import get_taught_lesson, get_taught_session
from fer_lms.lessons.models import Lesson
from fer_lms.people.models import User
from fer_lms.revisions import RevisionConflictError
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
from fer_lms.rules.queries import get_group_values, list_teacher_notifications
from fer_lms.rules.trials.preview import preview_recorded, preview_simulated

RESPONSES = {400: ProblemSerializer, **PROBLEMS}


def _build_spec(
    values: dict[str, Any], lesson: Lesson, rule: InteractionRule | None = None
) -> RuleSpec:
    """Validate a specification; `rule`: the rule it is a new version of."""
    earlier = [version.spec for version in rule.versions.all()] if rule else ()
    try:
        spec = resolve_spec(values, lesson, earlier)
        if errors := validate_spec(spec):
            raise InvalidRuleError(errors)
    except InvalidRuleError as invalid:
        messages = {error.field: [error.message] for error in invalid.errors}
        raise ValidationError({"spec": messages}) from invalid
    return spec


def _get_editable_rule(user: User, lesson_id: int, rule_id: int) -> InteractionRule:
    rule = get_rule_for_teacher(user=user, lesson_id=lesson_id, rule_id=rule_id)
    if not can_edit_rule(user=user, rule=rule):
        raise PermissionDenied(gettext("This rule is built in. Switch it off, or create your own."))
    return rule


class RulesView(APIView):
    @extend_schema(responses={200: LessonRulesSerializer, **RESPONSES})
    def get(self, request: Request, lesson_id: int) -> Response:
        """Return the rules of a lesson, and the options for new ones."""
        lesson = get_taught_lesson(user=request.user, lesson_id=lesson_id)
        return Response(LessonRulesSerializer(represent_lesson_rules(lesson, request.user)).data)

    @extend_schema(request=NewRuleSerializer, responses={201: RuleSerializer, **RESPONSES})
    def post(self, request: Request, lesson_id: int) -> Response:
        """Create a rule for this lesson."""
        lesson = get_taught_lesson(user=request.user, lesson_id=lesson_id)
        data = validate_body(NewRuleSerializer, request)
        rule = create_rule(
            lesson=lesson,
            title=data["title"],
            template=data["template"],
            spec=_build_spec(data["spec"], lesson),
            user=cast(User, request.user),
        )
        return Response(RuleSerializer(represent_rule(rule, lesson, request.user)).data, status=201)


class RuleView(APIView):
    @extend_schema(responses={204: None, **RESPONSES})
    def delete(self, request: Request, lesson_id: int, rule_id: int) -> Response:
        """Retire a rule; its earlier hints keep their explanation."""
        user = cast(User, request.user)
        retire_rule(rule=_get_editable_rule(user, lesson_id, rule_id), user=user)
        return Response(status=204)


class VersionsView(APIView):
    @extend_schema(responses={200: RuleVersionSerializer(many=True), **RESPONSES})
    def get(self, request: Request, lesson_id: int, rule_id: int) -> Response:
        """List all versions of a rule, newest first."""
        rule = get_rule_for_teacher(user=request.user, lesson_id=lesson_id, rule_id=rule_id)
        versions = rule.versions.select_related("made_by").order_by("-number")
        return Response(
            RuleVersionSerializer(
                [represent_version(version) for version in versions], many=True
            ).data
        )

    @extend_schema(
        request=NewRuleVersionSerializer,
        responses={201: RuleVersionSerializer, 409: ProblemSerializer, **RESPONSES},
    )
    def post(self, request: Request, lesson_id: int, rule_id: int) -> Response:
        """Add a version; a session with students in it keeps the earlier one until its end."""
        user = cast(User, request.user)
        rule = _get_editable_rule(user, lesson_id, rule_id)
        lesson = get_taught_lesson(user=user, lesson_id=lesson_id)
        data = validate_body(NewRuleVersionSerializer, request)
        spec = _build_spec(data["spec"], lesson, rule)
        try:
            version = add_version(rule=rule, spec=spec, user=user, base=data["base"])
        except RevisionConflictError as error:
            newest = list(rule.versions.select_related("made_by").order_by("number"))[-1]
            raise EditConflict(
                gettext("Somebody else has changed this rule meanwhile."),
                current=RuleVersionSerializer(represent_version(newest)).data,
            ) from error
        return Response(RuleVersionSerializer(represent_version(version)).data, status=201)


class SwitchView(APIView):
    @extend_schema(request=RuleSwitchSerializer, responses={204: None, **RESPONSES})
    def post(self, request: Request, lesson_id: int) -> Response:
        """Switch hints of this lesson off or on: all, of one rule or for one learner."""
        lesson = get_taught_lesson(user=request.user, lesson_id=lesson_id)
        data = validate_body(RuleSwitchSerializer, request)
        rule_id, learner_id = data["rule_id"], data["learner_id"]
        set_switch(
            off=data["off"],
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


class GlobalSwitchView(APIView):
    @extend_schema(request=GlobalSwitchSerializer, responses={204: None, 403: ProblemSerializer})
    def post(self, request: Request) -> Response:
        """Switch hints off or on for the whole installation (administrators only)."""
        user = cast(User, request.user)
        if not user.is_superuser and not user.has_perm("rules.add_ruleswitch"):
            raise PermissionDenied(gettext("Only an administrator can switch this."))
        set_switch(off=validate_body(GlobalSwitchSerializer, request)["off"], user=user)
        return Response(status=204)


class PreviewView(APIView):
    @extend_schema(
        request=PreviewParametersSerializer, responses={200: RulePreviewSerializer, **RESPONSES}
    )
    def post(self, request: Request, lesson_id: int) -> Response:
        """Preview where a rule would fire, in a recorded session or a simulated class."""
        lesson = get_taught_lesson(user=request.user, lesson_id=lesson_id)
        data = validate_body(PreviewParametersSerializer, request)
        rule = None
        if data["rule_id"] is not None:
            rule = get_rule_for_teacher(
                user=request.user, lesson_id=lesson_id, rule_id=data["rule_id"]
            )
        spec = _build_spec(data["spec"], lesson, rule)
        session_id: uuid.UUID | None = data["session_id"]
        if session_id is None:
            preview = preview_simulated(lesson, spec)
        else:
            session = get_taught_session(user=request.user, session_id=session_id)
            preview = preview_recorded(session, spec)
        return Response(RulePreviewSerializer(represent_preview(preview, spec)).data)


def _build_group_fields(
    lesson: Lesson, request: Request, data: Mapping[str, Any]
) -> dict[str, Any]:
    members = get_learners_of_lesson(lesson=lesson, learner_ids=data["members"])
    return {"title": data["title"], "members": members, "user": cast(User, request.user)}


@contextmanager
def _convert_duplicate_group() -> Iterator[None]:
    try:
        yield
    except DuplicateGroupError as error:
        message = gettext("A group with this name already exists.")
        raise ValidationError({"title": [message]}) from error


class GroupsView(APIView):
    @extend_schema(responses={200: LearnerGroupsSerializer, **RESPONSES})
    def get(self, request: Request, lesson_id: int) -> Response:
        """List the groups of the lesson's course and the learners who can be members."""
        lesson = get_taught_lesson(user=request.user, lesson_id=lesson_id)
        return Response(LearnerGroupsSerializer(represent_groups(lesson)).data)

    @extend_schema(
        request=LearnerGroupSerializer, responses={201: LearnerGroupSerializer, **RESPONSES}
    )
    def post(self, request: Request, lesson_id: int) -> Response:
        """Create a group of learners for rules."""
        lesson = get_taught_lesson(user=request.user, lesson_id=lesson_id)
        data = validate_body(LearnerGroupSerializer, request)
        fields = _build_group_fields(lesson, request, data)
        with _convert_duplicate_group():
            group = create_group(course=lesson.course, **fields)
        return Response(LearnerGroupSerializer(represent_group(group)).data, status=201)


class GroupView(APIView):
    @extend_schema(
        request=LearnerGroupSerializer,
        responses={200: LearnerGroupSerializer, 409: ProblemSerializer, **RESPONSES},
    )
    def put(self, request: Request, lesson_id: int, group_id: int) -> Response:
        """Change name and members of a group; 409 where `revision` is not current."""
        lesson = get_taught_lesson(user=request.user, lesson_id=lesson_id)
        group = get_group_for_teacher(user=request.user, lesson_id=lesson_id, group_id=group_id)
        data = validate_body(LearnerGroupSerializer, request, get_group_values(group))
        fields = _build_group_fields(lesson, request, data)
        try:
            with _convert_duplicate_group():
                update_group(group=group, base=data["revision"], **fields)
        except RevisionConflictError as error:
            group.refresh_from_db()
            raise EditConflict(
                gettext("Somebody else has changed this group meanwhile."),
                current=LearnerGroupSerializer(represent_group(group)).data,
            ) from error
        return Response(LearnerGroupSerializer(represent_group(group)).data)

    @extend_schema(responses={204: None, **RESPONSES})
    def delete(self, request: Request, lesson_id: int, group_id: int) -> Response:
        """Delete a group; a rule for this group only then applies to nobody."""
        group = get_group_for_teacher(user=request.user, lesson_id=lesson_id, group_id=group_id)
        delete_group(group=group, user=cast(User, request.user))
        return Response(status=204)


class TeacherNotificationsView(APIView):
    @extend_schema(responses={200: TeacherNotificationSerializer(many=True), **RESPONSES})
    def get(self, request: Request, session_id: uuid.UUID) -> Response:
        """List the learners who asked for the teacher's help."""
        session = get_taught_session(user=request.user, session_id=session_id)
        teacher = cast(User, request.user)
        notifications = []
        for notification in list_teacher_notifications(session):
            learner = notification.hint.participant.user
            record_read_access(actor=teacher, action="word.viewed", subject=learner)
            notifications.append(
                {
                    "id": notification.pk,
                    "learner": learner.display_name,
                    "step": notification.hint.step.title if notification.hint.step else "",
                    "said_at": notification.said_at,
                    "seen": notification.seen_at is not None,
                }
            )
        return Response(TeacherNotificationSerializer(notifications, many=True).data)


class TeacherNotificationSeenView(APIView):
    @extend_schema(request=None, responses={204: None, **RESPONSES})
    def post(self, request: Request, session_id: uuid.UUID, notification_id: int) -> Response:
        """Mark a request as seen."""
        mark_notification_seen(
            notification=get_notification_for_teacher(
                user=request.user, session_id=session_id, notification_id=notification_id
            )
        )
        return Response(status=204)
