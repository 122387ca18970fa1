"""REST endpoints of sessions: state, events, answers, the lists of lessons and sessions."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import cast

from django.utils import timezone
from django.utils.translation import gettext
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound, Throttled, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from fer_lms.api.errors import PROBLEMS, ProblemSerializer, SessionEnded, StepChanged
from fer_lms.api.sessions.representations import format_no_answer_error, represent_session
from fer_lms.api.sessions.serializers import (
    AnswerSerializer,
    ClosingTimeSerializer,
    CreatedSessionSerializer,
    EventBatchSerializer,
    GradedAnswerSerializer,
    LessonSummarySerializer,
    NewSessionSerializer,
    SessionSerializer,
    StoredCountSerializer,
)
from fer_lms.api.validation import validate_body
from fer_lms.integrations.models import ApiToken
from fer_lms.integrations.tokens import Scope
from fer_lms.lessons.access import (
    get_learner_participant,
    get_learner_step,
    get_session_and_participant,
    get_taught_lesson,
    get_taught_session,
    list_taught_lessons,
)
from fer_lms.lessons.actions import (
    ClosingTimeError,
    EventLimitError,
    SessionClosedError,
    StepChangedError,
    answer_question,
    end_session,
    join_session,
    leave_session,
    record_events,
    set_closing_time,
    start_session,
)
from fer_lms.lessons.marking import NoAnswer
from fer_lms.lessons.models import Role
from fer_lms.people.models import User
from fer_lms.policy.queries import get_max_open_time
from fer_lms.reports.queries import get_findings


class SessionView(APIView):
    token_scopes = {"GET": Scope.LESSONS}

    @extend_schema(responses={200: SessionSerializer, **PROBLEMS})
    def get(self, request: Request, session_id: uuid.UUID) -> Response:
        """Return a session with its lesson and policy."""
        return _build_session_response(request, session_id)

    @extend_schema(
        request=ClosingTimeSerializer,
        responses={
            200: SessionSerializer,
            400: ProblemSerializer,
            409: ProblemSerializer,
            **PROBLEMS,
        },
    )
    def patch(self, request: Request, session_id: uuid.UUID) -> Response:
        """Set when the session closes by itself (teacher); a closed session stays closed."""
        session = get_taught_session(user=request.user, session_id=session_id)
        closes_at = validate_body(ClosingTimeSerializer, request)["closes_at"]
        with _convert_closing_errors():
            _check_open_time(session.started_at, closes_at)
            set_closing_time(session=session, closes_at=closes_at)
        return _build_session_response(request, session_id)


class EventsView(APIView):
    @extend_schema(
        request=EventBatchSerializer,
        responses={
            202: StoredCountSerializer,
            400: ProblemSerializer,
            409: ProblemSerializer,
            429: ProblemSerializer,
            **PROBLEMS,
        },
    )
    def post(self, request: Request, session_id: uuid.UUID) -> Response:
        """Store a batch of the learner's events."""
        learner = get_learner_participant(user=request.user, session_id=session_id)
        batch = validate_body(EventBatchSerializer, request)
        events = [event | {"value": event["value"] or ""} for event in batch["events"]]
        try:
            stored = record_events(participant=learner, events=events)
        except SessionClosedError as error:
            raise SessionEnded from error
        except EventLimitError as error:
            raise Throttled(
                detail=gettext("Too many requests. Wait a moment, then try again.")
            ) from error
        return Response({"stored": stored}, status=202)


class AnswersView(APIView):
    @extend_schema(
        request=AnswerSerializer,
        responses={
            200: GradedAnswerSerializer,
            400: ProblemSerializer,
            409: ProblemSerializer,
            429: ProblemSerializer,
            **PROBLEMS,
        },
    )
    def post(self, request: Request, session_id: uuid.UUID) -> Response:
        """Grade the answer to a step's question; only whether it is right is stored."""
        learner = get_learner_participant(user=request.user, session_id=session_id)
        values = dict(validate_body(AnswerSerializer, request))
        step = get_learner_step(participant=learner, step_id=values.pop("step_id"))
        if not hasattr(step, "question"):
            raise NotFound(gettext("This step has no question."))
        try:
            graded = answer_question(participant=learner, question=step.question, **values)
        except NoAnswer as error:
            message = format_no_answer_error(step.question.kind, error)
            raise ValidationError({"answer": message}) from error
        except StepChangedError as error:
            raise StepChanged from error
        except SessionClosedError as error:
            raise SessionEnded from error
        except EventLimitError as error:
            raise Throttled(
                detail=gettext("Too many requests. Wait a moment, then try again.")
            ) from error
        return Response(GradedAnswerSerializer(graded).data)


class EndView(APIView):
    @extend_schema(request=None, responses={200: SessionSerializer, **PROBLEMS})
    def post(self, request: Request, session_id: uuid.UUID) -> Response:
        """End the session (teacher)."""
        session = get_taught_session(user=request.user, session_id=session_id)
        end_session(session=session)
        return _build_session_response(request, session_id)


class LeaveView(APIView):
    @extend_schema(request=None, responses={204: None, **PROBLEMS})
    def post(self, request: Request, session_id: uuid.UUID) -> Response:
        """Leave the session (learner)."""
        learner = get_learner_participant(user=request.user, session_id=session_id)
        leave_session(participant=learner)
        return Response(status=204)


class LessonsView(APIView):
    token_scopes = {"GET": Scope.LESSONS}

    @extend_schema(responses={200: LessonSummarySerializer(many=True), 403: ProblemSerializer})
    def get(self, request: Request) -> Response:
        """List the lessons this person teaches, each with its sessions, newest first."""
        lessons = list(list_taught_lessons(user=request.user))
        sessions = [session.pk for lesson in lessons for session in lesson.sessions.all()]
        context = {"findings": get_findings(sessions) if _may_read_reports(request) else {}}
        return Response(LessonSummarySerializer(lessons, many=True, context=context).data)


class LessonSessionsView(APIView):
    @extend_schema(
        request=NewSessionSerializer,
        responses={201: CreatedSessionSerializer, 400: ProblemSerializer, **PROBLEMS},
    )
    def post(self, request: Request, lesson_id: int) -> Response:
        """Start a session, optionally with a closing time, and join it as teacher."""
        lesson = get_taught_lesson(user=request.user, lesson_id=lesson_id)
        is_json = request.content_type.startswith("application/json")  # the body is optional
        values = validate_body(NewSessionSerializer, request) if is_json else {}
        closes_at, activity_id = values.get("closes_at"), values.get("activity_id")
        activity = None
        if activity_id is not None:
            activity = lesson.activities.filter(pk=activity_id).first()
            if activity is None:
                message = gettext("This activity does not open the lesson. Reload the page.")
                raise ValidationError({"activity_id": [message]})
        with _convert_closing_errors():
            _check_open_time(timezone.now(), closes_at)
            session = start_session(lesson=lesson, closes_at=closes_at, activity=activity)
        join_session(session=session, user=cast(User, request.user), role=Role.TEACHER)
        return Response({"id": session.pk}, status=201)


def _may_read_reports(request: Request) -> bool:
    """Return whether the request is of a person, or of a token that may read reports."""
    token = request.auth
    return not isinstance(token, ApiToken) or Scope.REPORTS in token.scopes


def _build_session_response(request: Request, session_id: uuid.UUID) -> Response:
    session, participant = get_session_and_participant(user=request.user, session_id=session_id)
    return Response(SessionSerializer(represent_session(session, participant)).data)


@contextmanager
def _convert_closing_errors() -> Iterator[None]:
    try:
        yield
    except SessionClosedError as error:
        raise SessionEnded from error
    except ClosingTimeError as error:
        message = gettext("This time has passed. Choose a later one, or close the lesson now.")
        raise ValidationError({"closes_at": [message]}) from error


def _check_open_time(started_at: datetime, closes_at: datetime | None) -> None:
    """Refuse a closing time at which the first data of the session would be deleted."""
    longest = get_max_open_time()
    if closes_at is not None and closes_at > started_at + longest:
        message = gettext("Choose a time within %(days)s days and %(hours)s hours of the start.")
        hours = {"days": longest.days, "hours": longest.seconds // 3600}
        raise ValidationError({"closes_at": [message % hours]})
