"""REST endpoint of a learner's consent."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from django.utils.translation import gettext
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from fer_lms.api.errors import (
    PROBLEMS,
    ProblemSerializer,
    SessionEnded,
    StaleConsentConflict,
    StaleConsentTextSerializer,
)
from fer_lms.api.sessions.consent_serializers import (
    ConsentChangeSerializer,
    ConsentDecisionSerializer,
    ConsentSerializer,
)
from fer_lms.api.sessions.representations import represent_consent
from fer_lms.api.validation import validate_body
from fer_lms.consent.actions import (
    StaleConsentError,
    change_grants,
    grant_consent,
    withdraw_consent,
)
from fer_lms.consent.models import Consent
from fer_lms.consent.queries import get_current_text_version
from fer_lms.lessons.access import get_learner_participant, get_participant_for_own_data
from fer_lms.lessons.actions import SessionClosedError
from fer_lms.lessons.models import Participant

RESPONSES = {
    200: ConsentSerializer,
    202: ConsentSerializer,
    400: ProblemSerializer,
    409: StaleConsentTextSerializer,
    **PROBLEMS,
}


class ConsentView(APIView):
    @extend_schema(responses={200: ConsentSerializer, **PROBLEMS})
    def get(self, request: Request, session_id: uuid.UUID) -> Response:
        """Return the current consent text and what this learner has granted."""
        learner = get_participant_for_own_data(user=request.user, session_id=session_id)
        return Response(ConsentSerializer(represent_consent(learner)).data)

    @extend_schema(request=ConsentDecisionSerializer, responses=RESPONSES)
    def post(self, request: Request, session_id: uuid.UUID) -> Response:
        """Store a decision on the current text; omitted permissions are refused.
        202: a guardian has to consent."""
        learner = get_learner_participant(user=request.user, session_id=session_id)
        grants = dict(validate_body(ConsentDecisionSerializer, request))
        with _convert_refusals():
            consent = grant_consent(
                participant=learner,
                text_version=grants.pop("text_version"),
                text_locale=grants.pop("locale"),
                text_form=grants.pop("form"),
                supporters=grants.pop("supporters"),
                disclosed=grants.pop("disclosed_terms"),
                grants=grants,
            )
        return _build_consent_response(learner, consent)

    @extend_schema(request=ConsentChangeSerializer, responses=RESPONSES)
    def patch(self, request: Request, session_id: uuid.UUID) -> Response:
        """Grant or withdraw single permissions; the others do not change."""
        learner = get_learner_participant(user=request.user, session_id=session_id)
        changes = dict(validate_body(ConsentChangeSerializer, request))
        with _convert_refusals():
            consent = change_grants(
                participant=learner,
                text_version=changes.pop("text_version"),
                supporters=changes.pop("supporters"),
                disclosed=changes.pop("disclosed_terms"),
                changes=changes,
            )
        return _build_consent_response(learner, consent)

    @extend_schema(responses={200: ConsentSerializer, **PROBLEMS})
    def delete(self, request: Request, session_id: uuid.UUID) -> Response:
        """Withdraw consent; the learner's camera data is then erased."""
        learner = get_participant_for_own_data(user=request.user, session_id=session_id)
        withdraw_consent(participant=learner)
        return Response(ConsentSerializer(represent_consent(learner)).data)


@contextmanager
def _convert_refusals() -> Iterator[None]:
    try:
        yield
    except SessionClosedError as error:
        raise SessionEnded from error
    except StaleConsentError as error:
        raise StaleConsentConflict(
            gettext("The text has changed. Please read the new one."),
            text_version=get_current_text_version(),
        ) from error


def _build_consent_response(learner: Participant, consent: Consent) -> Response:
    status = 202 if consent.awaiting_guardian else 200
    return Response(ConsentSerializer(represent_consent(learner)).data, status=status)
