"""REST for learners: their hints, their answers, their baseline, and why."""

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

from fer_lms.api.rule_serializers import (
    BaselineShape,
    HintAnswerShape,
    HintShape,
    HintWantedShape,
    LeftAloneShape,
    ThresholdsShape,
    WhyShape,
)
from fer_lms.api.serializers import ProblemShape
from fer_lms.engagement.actions import request_baseline_reset
from fer_lms.engagement.queries import count_baseline_seconds, get_current_baseline
from fer_lms.lessons.access import get_learner_participant, get_learner_step
from fer_lms.people.models import User
from fer_lms.rules.access import get_hint_for_learner
from fer_lms.rules.actions import (
    InvalidAnswerError,
    TooManyHintRequests,
    answer_hint,
    request_hint,
    resume_hints,
    set_threshold_shift,
)
from fer_lms.rules.effective_settings import get_current_weights
from fer_lms.rules.engine.wording import why
from fer_lms.rules.queries import find_snoozed_users, list_hints, list_verdicts

PROBLEMS = {403: ProblemShape, 404: ProblemShape}


class HintsView(APIView):
    @extend_schema(responses={200: HintShape(many=True), **PROBLEMS})
    def get(self, request: Request, session_id: uuid.UUID) -> Response:
        """This learner's hints so far, in order, with what was answered."""
        learner = get_learner_participant(user=request.user, session_id=session_id)
        return Response(HintShape(list_hints(learner), many=True).data)

    @extend_schema(
        request=HintWantedShape, responses={201: HintShape, 429: ProblemShape, **PROBLEMS}
    )
    def post(self, request: Request, session_id: uuid.UUID) -> Response:
        """The next hint of a step, because the learner asks for it."""
        learner = get_learner_participant(user=request.user, session_id=session_id)
        wanted = HintWantedShape(data=request.data)
        wanted.is_valid(raise_exception=True)
        step = get_learner_step(participant=learner, step_id=wanted.validated_data["step_id"])
        try:
            hint = request_hint(participant=learner, step=step)
        except TooManyHintRequests as error:
            raise Throttled(wait=60) from error
        return Response(HintShape(hint).data, status=201)


class HintAnswerView(APIView):
    @extend_schema(request=HintAnswerShape, responses={204: None, 400: ProblemShape, **PROBLEMS})
    def post(self, request: Request, session_id: uuid.UUID, hint_id: int) -> Response:
        """What the learner says to a hint."""
        learner = get_learner_participant(user=request.user, session_id=session_id)
        hint = get_hint_for_learner(participant=learner, hint_id=hint_id)
        said = HintAnswerShape(data=request.data)
        said.is_valid(raise_exception=True)
        try:
            answer_hint(
                participant_id=learner.pk, hint_id=hint.pk, answer=said.validated_data["answer"]
            )
        except InvalidAnswerError as error:
            words = gettext("That is no answer to this hint.")
            raise ValidationError({"answer": [words]}) from error
        return Response(status=204)


class WhyView(APIView):
    @extend_schema(responses={200: WhyShape(many=True), **PROBLEMS})
    def get(self, request: Request, session_id: uuid.UUID) -> Response:
        """Of each rule: why it spoke last, or why it is silent."""
        learner = get_learner_participant(user=request.user, session_id=session_id)
        answer = [
            {
                "rule_id": rule.pk,
                "title": rule.title,
                "at": datetime.fromtimestamp(at, tz=UTC),
                "reason": verdict.reason,
                "why": why(verdict, "learner"),
            }
            for rule, at, verdict in list_verdicts(learner)
        ]
        return Response(WhyShape(answer, many=True).data)


class BaselineView(APIView):
    @extend_schema(responses={200: BaselineShape, **PROBLEMS})
    def get(self, request: Request, session_id: uuid.UUID) -> Response:
        """Whether it is known yet how this learner usually looks."""
        learner = get_learner_participant(user=request.user, session_id=session_id)
        kept, weights = get_current_baseline(learner), get_current_weights()
        needed = int(weights.baseline_seconds)
        answer = {
            "ready": kept is not None,
            "from_at": kept.from_at if kept else None,
            "seen_seconds": kept.seen_seconds if kept else 0,
            "expires_at": kept.expires_at if kept else None,
            "gathered_seconds": needed if kept else min(needed, count_baseline_seconds(learner)),
            "needed_seconds": needed,
            "lasts_hours": weights.baseline_hours,
        }
        return Response(BaselineShape(answer).data)

    @extend_schema(request=None, responses={202: None, **PROBLEMS})
    def delete(self, request: Request, session_id: uuid.UUID) -> Response:
        """Forgets it and begins anew: only what is seen from now on makes the next one.
        Calibrating is this, and then twenty calm seconds."""
        learner = get_learner_participant(user=request.user, session_id=session_id)
        request_baseline_reset(participant=learner)
        return Response(status=202)


class LeftAloneView(APIView):
    @extend_schema(responses={200: LeftAloneShape, 403: ProblemShape})
    def get(self, request: Request) -> Response:
        """Whether this person asked to be left alone today."""
        user = cast(User, request.user)
        alone = user.pk in find_snoozed_users({user.pk}, now=timezone.now())
        return Response(LeftAloneShape({"left_alone": alone}).data)

    @extend_schema(request=None, responses={204: None, 403: ProblemShape})
    def delete(self, request: Request) -> Response:
        """Hints may come again, in every sitting."""
        resume_hints(user=cast(User, request.user))
        return Response(status=204)


class ThresholdsView(APIView):
    @extend_schema(responses={200: ThresholdsShape, 403: ProblemShape})
    def get(self, request: Request) -> Response:
        """How much sooner or later this person wants hints."""
        user = cast(User, request.user)
        shifts = [
            {"evidence": each.evidence, "shift": each.shift}
            for each in user.threshold_shifts.order_by("evidence")
        ]
        return Response(ThresholdsShape({"thresholds": shifts}).data)

    @extend_schema(request=ThresholdsShape, responses={200: ThresholdsShape, 400: ProblemShape})
    def put(self, request: Request) -> Response:
        """Changes what is named; a shift of 0 is forgotten."""
        wished = ThresholdsShape(data=request.data)
        wished.is_valid(raise_exception=True)
        for each in wished.validated_data["thresholds"]:
            set_threshold_shift(
                user=cast(User, request.user), evidence=each["evidence"], shift=each["shift"]
            )
        return self.get(request)
