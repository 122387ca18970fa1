"""REST endpoints for learners: hints, answers, explanations, baseline and thresholds."""

import uuid
from datetime import UTC, datetime
from typing import cast

from django.utils import timezone
from django.utils.translation import gettext
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import Throttled, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from fer_lms.api.errors import PROBLEMS, ProblemSerializer, SessionEnded
from fer_lms.api.rules.serializers import (
    BaselineSerializer,
    HintAnswerSerializer,
    HintSerializer,
    HintTimingSerializer,
    RuleExplanationSerializer,
    SnoozeSerializer,
    StepReferenceSerializer,
    ThresholdShiftsSerializer,
)
from fer_lms.api.validation import validate_body
from fer_lms.engagement.actions import request_baseline_reset
from fer_lms.engagement.queries import (
    count_baseline_seconds,
    get_current_baseline,
    get_current_weights,
)
from fer_lms.lessons.access import get_learner_participant, get_learner_step
from fer_lms.lessons.actions import SessionClosedError
from fer_lms.people.models import User
from fer_lms.rules.access import get_hint_for_learner
from fer_lms.rules.actions import (
    InvalidAnswerError,
    TooManyHintRequests,
    answer_hint,
    rate_timing,
    request_hint,
    resume_hints,
    set_threshold_shift,
)
from fer_lms.rules.engine.explanations import explain
from fer_lms.rules.queries import find_snoozed_users, list_hints, list_verdicts


class HintsView(APIView):
    @extend_schema(responses={200: HintSerializer(many=True), **PROBLEMS})
    def get(self, request: Request, session_id: uuid.UUID) -> Response:
        """List this learner's hints so far, in order, with their answers."""
        learner = get_learner_participant(user=request.user, session_id=session_id)
        return Response(HintSerializer(list_hints(learner), many=True).data)

    @extend_schema(
        request=StepReferenceSerializer,
        responses={
            201: HintSerializer,
            409: ProblemSerializer,
            429: ProblemSerializer,
            **PROBLEMS,
        },
    )
    def post(self, request: Request, session_id: uuid.UUID) -> Response:
        """Request the next hint of a step."""
        learner = get_learner_participant(user=request.user, session_id=session_id)
        step_id = validate_body(StepReferenceSerializer, request)["step_id"]
        step = get_learner_step(participant=learner, step_id=step_id)
        try:
            hint = request_hint(participant=learner, step=step)
        except SessionClosedError as error:
            raise SessionEnded from error
        except TooManyHintRequests as error:
            raise Throttled(wait=60) from error
        return Response(HintSerializer(hint).data, status=201)


class HintAnswerView(APIView):
    @extend_schema(
        request=HintAnswerSerializer, responses={204: None, 400: ProblemSerializer, **PROBLEMS}
    )
    def post(self, request: Request, session_id: uuid.UUID, hint_id: int) -> Response:
        """Store the learner's answer to a hint."""
        learner = get_learner_participant(user=request.user, session_id=session_id)
        hint = get_hint_for_learner(participant=learner, hint_id=hint_id)
        answer = validate_body(HintAnswerSerializer, request)["answer"]
        try:
            answer_hint(participant_id=learner.pk, hint_id=hint.pk, answer=answer)
        except InvalidAnswerError as error:
            message = gettext("This hint does not accept that answer.")
            raise ValidationError({"answer": [message]}) from error
        return Response(status=204)


class HintTimingView(APIView):
    @extend_schema(request=HintTimingSerializer, responses={204: None, **PROBLEMS})
    def post(self, request: Request, session_id: uuid.UUID, hint_id: int) -> Response:
        """Store whether a hint came at the right moment; nothing depends on it."""
        learner = get_learner_participant(user=request.user, session_id=session_id)
        hint = get_hint_for_learner(participant=learner, hint_id=hint_id)
        rate_timing(hint=hint, timing=validate_body(HintTimingSerializer, request)["timing"])
        return Response(status=204)


class RuleExplanationsView(APIView):
    @extend_schema(responses={200: RuleExplanationSerializer(many=True), **PROBLEMS})
    def get(self, request: Request, session_id: uuid.UUID) -> Response:
        """Explain the latest verdict of each rule: why it fired or did not fire."""
        learner = get_learner_participant(user=request.user, session_id=session_id)
        explanations = [
            {
                "rule_id": rule.pk,
                "title": rule.title,
                "at": datetime.fromtimestamp(at, tz=UTC),
                "reason": verdict.reason,
                "why": explain(verdict, "learner"),
            }
            for rule, at, verdict in list_verdicts(learner)
        ]
        return Response(RuleExplanationSerializer(explanations, many=True).data)


class BaselineView(APIView):
    @extend_schema(responses={200: BaselineSerializer, **PROBLEMS})
    def get(self, request: Request, session_id: uuid.UUID) -> Response:
        """Return the state of this learner's neutral baseline."""
        learner = get_learner_participant(user=request.user, session_id=session_id)
        baseline, weights = get_current_baseline(learner), get_current_weights()
        needed = int(weights.baseline_seconds)
        state = {
            "ready": baseline is not None,
            "from_at": baseline.from_at if baseline else None,
            "seen_seconds": baseline.seen_seconds if baseline else 0,
            "expires_at": baseline.expires_at if baseline else None,
            "gathered_seconds": needed
            if baseline
            else min(needed, count_baseline_seconds(learner)),
            "needed_seconds": needed,
            "lasts_hours": weights.baseline_hours,
        }
        return Response(BaselineSerializer(state).data)

    @extend_schema(request=None, responses={202: None, **PROBLEMS})
    def delete(self, request: Request, session_id: uuid.UUID) -> Response:
        """Discard the baseline; the next one is computed from frames from now on only."""
        learner = get_learner_participant(user=request.user, session_id=session_id)
        request_baseline_reset(participant=learner)
        return Response(status=202)


class SnoozeView(APIView):
    @extend_schema(responses={200: SnoozeSerializer, 403: ProblemSerializer})
    def get(self, request: Request) -> Response:
        """Return whether this person has paused hints for today."""
        user = cast(User, request.user)
        is_snoozed = user.pk in find_snoozed_users({user.pk}, now=timezone.now())
        return Response(SnoozeSerializer({"snoozed": is_snoozed}).data)

    @extend_schema(request=None, responses={204: None, 403: ProblemSerializer})
    def delete(self, request: Request) -> Response:
        """Resume hints in every session."""
        resume_hints(user=cast(User, request.user))
        return Response(status=204)


class ThresholdsView(APIView):
    @extend_schema(responses={200: ThresholdShiftsSerializer, 403: ProblemSerializer})
    def get(self, request: Request) -> Response:
        """Return this person's threshold shifts, by which hints come sooner or later."""
        user = cast(User, request.user)
        shifts = [
            {"evidence": shift.evidence, "shift": shift.shift}
            for shift in user.threshold_shifts.order_by("evidence")
        ]
        return Response(ThresholdShiftsSerializer({"thresholds": shifts}).data)

    @extend_schema(
        request=ThresholdShiftsSerializer,
        responses={200: ThresholdShiftsSerializer, 400: ProblemSerializer},
    )
    def put(self, request: Request) -> Response:
        """Change the given shifts; a shift of 0 is deleted."""
        for threshold in validate_body(ThresholdShiftsSerializer, request)["thresholds"]:
            set_threshold_shift(user=cast(User, request.user), **threshold)
        return self.get(request)
