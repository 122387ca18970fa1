"""REST endpoints of export and erasure for an LMS's privacy tools, by issuer and subject.

A platform's token gives access only to the people who came from that platform.
"""

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.utils.translation import gettext
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, NotFound
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from fer_lms.audit.actions import record_event
from fer_lms.people.models import User
from fer_lms.rights.actions import erase_person
from fer_lms.rights.models import PlatformToken
from fer_lms.rights.queries import collect_personal_data, find_platform_person, find_platform_token
from fer_lms.rights.tokens import mark_token_used


class PlatformPersonSerializer(serializers.Serializer[Any]):
    issuer = serializers.CharField(max_length=255)
    subject = serializers.CharField(max_length=255)
    dry_run = serializers.BooleanField(
        default=False, help_text="for erase: count rows and delete nothing"
    )


class PersonalDataSerializer(serializers.Serializer[Any]):
    person = serializers.DictField()
    enrolments = serializers.ListField(child=serializers.DictField())
    participations = serializers.ListField(child=serializers.DictField())
    threshold_shifts = serializers.ListField(child=serializers.DictField())
    learner_groups = serializers.ListField(child=serializers.DictField())
    rule_switches = serializers.ListField(child=serializers.DictField())
    supporters = serializers.ListField(child=serializers.DictField())
    supports = serializers.ListField(child=serializers.DictField())
    logins = serializers.IntegerField(help_text="browser sessions in which they are signed in")
    other = serializers.DictField()


class ErasureSerializer(serializers.Serializer[Any]):
    erased = serializers.BooleanField()
    receipt = serializers.CharField(allow_blank=True)
    counts = serializers.DictField(child=serializers.IntegerField())


class TokenProblemSerializer(serializers.Serializer[Any]):
    detail = serializers.CharField()
    reason = serializers.CharField()


class PlatformTokenAuthentication(BaseAuthentication):
    """Authenticate a platform, not a user, by `Authorization: Bearer <token>`."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, PlatformToken]:
        scheme, _, value = get_authorization_header(request).decode("latin-1").partition(" ")
        token = find_platform_token(value.strip()) if scheme.lower() == "bearer" else None
        if token is None:
            raise AuthenticationFailed(
                gettext("Invalid or revoked token. Use a token of an active platform.")
            )
        return AnonymousUser(), token

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class PlatformTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = PlatformTokenAuthentication
    name = "platformToken"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}


class HasPlatformToken(BasePermission):
    def has_permission(self, request: Request, view: APIView) -> bool:
        return isinstance(request.auth, PlatformToken)


class PlatformRightsView(APIView):
    authentication_classes = [PlatformTokenAuthentication]
    permission_classes = [HasPlatformToken]

    def resolve_request(self, request: Request) -> tuple[User, PlatformToken, bool]:
        """Return the person, the platform's token and whether this is a dry run."""
        serializer = PlatformPersonSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        token = request.auth
        assert isinstance(token, PlatformToken)  # noqa: S101 - guaranteed by HasPlatformToken
        mark_token_used(token)
        person = None
        if serializer.validated_data["issuer"] == token.platform.issuer:
            subject = serializer.validated_data["subject"]
            person = find_platform_person(platform=token.platform, subject=subject)
        if person is None:
            raise NotFound(gettext("This platform has no person with that issuer and subject."))
        return person, token, serializer.validated_data["dry_run"]


PROBLEMS = {400: TokenProblemSerializer, 401: TokenProblemSerializer, 404: TokenProblemSerializer}


class PlatformExportView(PlatformRightsView):
    @extend_schema(
        request=PlatformPersonSerializer, responses={200: PersonalDataSerializer, **PROBLEMS}
    )
    def post(self, request: Request) -> Response:
        """Export everything stored about one of the platform's people."""
        person, token, _ = self.resolve_request(request)
        record_event(
            actor=None,
            action="person.exported",
            subject=person,
            details={"platform": token.platform_id, "token": token.pk},
        )
        return Response(collect_personal_data(person))


class PlatformErasureView(PlatformRightsView):
    @extend_schema(request=PlatformPersonSerializer, responses={200: ErasureSerializer, **PROBLEMS})
    def post(self, request: Request) -> Response:
        """Erase one of the platform's people and all their data."""
        person, token, dry_run = self.resolve_request(request)
        if not dry_run:
            record_event(
                actor=None,
                action="person.erasure_asked",
                subject=person,
                details={"platform": token.platform_id, "token": token.pk},
            )
        result = erase_person(user=person, dry_run=dry_run)
        receipt = "" if dry_run else result.receipt
        return Response({"erased": not dry_run, "receipt": receipt, "counts": result.counts})
