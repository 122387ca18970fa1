"""REST for the front end and for integrators. Who may see what is decided in lessons.access."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from django.utils.translation import gettext
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound, Throttled, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from fer_lms.api.answers import consent_answer, no_answer_words, session_answer
from fer_lms.api.errors import StaleText
from fer_lms.api.report_serializers import (
    LessonListShape,
    NewSessionShape,
    OwnReportShape,
    ReportShape,
)
from fer_lms.api.serializers import (
    AnswerShape,
    ConsentAnswerShape,
    ConsentChangeShape,
    ConsentShape,
    EventsShape,
    MarkedShape,
    ProblemShape,
    SessionShape,
    StaleTextShape,
    StoredShape,
)
from fer_lms.consent.actions import (
    StaleConsentText,
    change_grants,
    grant_consent,
    withdraw_consent,
)
from fer_lms.consent.models import Consent
from fer_lms.consent.queries import current_text_version
from fer_lms.engagement.queries import list_learner_windows
from fer_lms.lessons.access import (
    get_learner_participant,
    get_learner_step,
    get_participant_for_own_data,
    get_session_and_participant,
    get_taught_lesson,
    get_taught_session,
    list_taught_lessons,
)
from fer_lms.lessons.actions import (
    EventLimitError,
    answer_question,
    end_session,
    join_session,
    leave_session,
    record_events,
    start_session,
)
from fer_lms.lessons.marking import NoAnswer
from fer_lms.lessons.models import Participant, Role
from fer_lms.people.models import User
from fer_lms.reports.queries import build_report, get_findings, get_retention_end

PROBLEMS = {403: ProblemShape, 404: ProblemShape}


class SessionView(APIView):
    @extend_schema(responses={200: SessionShape, **PROBLEMS})
    def get(self, request: Request, session_id: uuid.UUID) -> Response:
        """A sitting, its lesson and what holds in it."""
        session, place = get_session_and_participant(user=request.user, session_id=session_id)
        return Response(SessionShape(session_answer(session, place)).data)


class ConsentView(APIView):
    @extend_schema(responses={200: ConsentShape, **PROBLEMS})
    def get(self, request: Request, session_id: uuid.UUID) -> Response:
        """What is asked, and what this learner permits now."""
        learner = get_participant_for_own_data(user=request.user, session_id=session_id)
        return Response(ConsentShape(consent_answer(learner)).data)

    @extend_schema(
        request=ConsentAnswerShape,
        responses={
            200: ConsentShape,
            202: ConsentShape,
            409: StaleTextShape,
            400: ProblemShape,
            **PROBLEMS,
        },
    )
    def post(self, request: Request, session_id: uuid.UUID) -> Response:
        """Answers the text in force; what is left out is refused. 202: a guardian is asked too."""
        learner = get_learner_participant(user=request.user, session_id=session_id)
        answer = ConsentAnswerShape(data=request.data)
        answer.is_valid(raise_exception=True)
        grants = dict(answer.validated_data)
        version = grants.pop("text_version")
        locale, form = grants.pop("locale"), grants.pop("form")
        supporters, named = grants.pop("supporters"), grants.pop("promised")
        with _stale_told():
            consent = grant_consent(
                participant=learner,
                text_version=version,
                grants=grants,
                text_locale=locale,
                text_form=form,
                supporters=supporters,
                named=named,
            )
        return _told(learner, consent)

    @extend_schema(
        request=ConsentChangeShape,
        responses={
            200: ConsentShape,
            202: ConsentShape,
            409: StaleTextShape,
            400: ProblemShape,
            **PROBLEMS,
        },
    )
    def patch(self, request: Request, session_id: uuid.UUID) -> Response:
        """Gives or takes back what is named, and leaves the rest as it is. A no needs nothing."""
        learner = get_learner_participant(user=request.user, session_id=session_id)
        asked = ConsentChangeShape(data=request.data)
        asked.is_valid(raise_exception=True)
        changes = dict(asked.validated_data)
        version, supporters = changes.pop("text_version"), changes.pop("supporters")
        named = changes.pop("promised")
        with _stale_told():
            consent = change_grants(
                participant=learner,
                changes=changes,
                text_version=version,
                supporters=supporters,
                named=named,
            )
        return _told(learner, consent)

    @extend_schema(responses={200: ConsentShape, **PROBLEMS})
    def delete(self, request: Request, session_id: uuid.UUID) -> Response:
        """Takes everything back; what was kept is then erased."""
        learner = get_participant_for_own_data(user=request.user, session_id=session_id)
        withdraw_consent(participant=learner)
        return Response(ConsentShape(consent_answer(learner)).data)


@contextmanager
def _stale_told() -> Iterator[None]:
    try:
        yield
    except StaleConsentText as error:
        raise StaleText(
            gettext("The text has changed. Please read the new one."),
            text_version=current_text_version(),
        ) from error


def _told(learner: Participant, consent: Consent) -> Response:
    status = 202 if consent.awaiting_guardian else 200
    return Response(ConsentShape(consent_answer(learner)).data, status=status)


class EventsView(APIView):
    @extend_schema(
        request=EventsShape,
        responses={202: StoredShape, 400: ProblemShape, 429: ProblemShape, **PROBLEMS},
    )
    def post(self, request: Request, session_id: uuid.UUID) -> Response:
        """Stores a batch of what the learner did in the lesson."""
        learner = get_learner_participant(user=request.user, session_id=session_id)
        batch = EventsShape(data=request.data)
        batch.is_valid(raise_exception=True)
        events = [
            event | {"value": event["value"] or ""} for event in batch.validated_data["events"]
        ]
        try:
            stored = record_events(participant=learner, events=events)
        except EventLimitError as error:
            raise Throttled(detail=gettext("That is too much at once. Please wait.")) from error
        return Response({"stored": stored}, status=202)


class AnswersView(APIView):
    @extend_schema(
        request=AnswerShape,
        responses={200: MarkedShape, 400: ProblemShape, 429: ProblemShape, **PROBLEMS},
    )
    def post(self, request: Request, session_id: uuid.UUID) -> Response:
        """Marks the answer to a step's question; kept is only whether it was right."""
        learner = get_learner_participant(user=request.user, session_id=session_id)
        shape = AnswerShape(data=request.data)
        shape.is_valid(raise_exception=True)
        values = dict(shape.validated_data)
        step = get_learner_step(participant=learner, step_id=values.pop("step_id"))
        if not hasattr(step, "question"):
            raise NotFound(gettext("This step asks nothing."))
        try:
            marked = answer_question(participant=learner, question=step.question, **values)
        except NoAnswer as error:
            raise ValidationError({"answer": no_answer_words(step.question.kind)}) from error
        except EventLimitError as error:
            raise Throttled(detail=gettext("That is too much at once. Please wait.")) from error
        return Response(MarkedShape(marked).data)


class EndView(APIView):
    @extend_schema(request=None, responses={200: SessionShape, **PROBLEMS})
    def post(self, request: Request, session_id: uuid.UUID) -> Response:
        """The teacher ends the sitting."""
        session = get_taught_session(user=request.user, session_id=session_id)
        end_session(session=session)
        session, place = get_session_and_participant(user=request.user, session_id=session_id)
        return Response(SessionShape(session_answer(session, place)).data)


class LeaveView(APIView):
    @extend_schema(request=None, responses={204: None, **PROBLEMS})
    def post(self, request: Request, session_id: uuid.UUID) -> Response:
        """The learner leaves the sitting."""
        learner = get_learner_participant(user=request.user, session_id=session_id)
        leave_session(participant=learner)
        return Response(status=204)


class ReportView(APIView):
    @extend_schema(responses={200: ReportShape, **PROBLEMS})
    def get(self, request: Request, session_id: uuid.UUID) -> Response:
        """The class's figures; withheld where too few learners contributed."""
        session = get_taught_session(user=request.user, session_id=session_id)
        return Response(ReportShape(build_report(session)).data)


class MyReportView(APIView):
    @extend_schema(responses={200: OwnReportShape, **PROBLEMS})
    def get(self, request: Request, session_id: uuid.UUID) -> Response:
        """Everything that is kept of this learner's face, ten seconds at a time."""
        learner = get_participant_for_own_data(user=request.user, session_id=session_id)
        windows = list_learner_windows(learner).select_related("correction")
        answer = {
            "windows": windows,
            "kept_until": get_retention_end(learner.session),
            "lesson": learner.session.lesson.title,
            "started_at": learner.session.started_at,
        }
        return Response(OwnReportShape(answer).data)


class LessonsView(APIView):
    @extend_schema(responses={200: LessonListShape(many=True), 403: ProblemShape})
    def get(self, request: Request) -> Response:
        """The lessons that this person teaches, each with its sittings, the newest first."""
        lessons = list(list_taught_lessons(user=request.user))
        sessions = [session.pk for lesson in lessons for session in lesson.sessions.all()]
        context = {"findings": get_findings(sessions)}
        return Response(LessonListShape(lessons, many=True, context=context).data)


class LessonSessionsView(APIView):
    @extend_schema(request=None, responses={201: NewSessionShape, **PROBLEMS})
    def post(self, request: Request, lesson_id: int) -> Response:
        """Opens a new sitting; the teacher joins it."""
        lesson = get_taught_lesson(user=request.user, lesson_id=lesson_id)
        session = start_session(lesson=lesson)
        join_session(session=session, user=cast(User, request.user), role=Role.TEACHER)
        return Response({"id": session.pk}, status=201)
