"""Export and erasure for an LMS's own privacy tools: by (issuer, subject), with a token per
platform. A platform reaches the people who came from it, and nobody else."""

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
from fer_lms.rights.queries import collect_personal_data, find_platform_person, find_token
from fer_lms.rights.tokens import mark_used


class PersonOfPlatformShape(serializers.Serializer[Any]):
    issuer = serializers.CharField(max_length=255)
    subject = serializers.CharField(max_length=255)
    dry_run = serializers.BooleanField(default=False, help_text="erase: count, delete nothing")


class ExportShape(serializers.Serializer[Any]):
    person = serializers.DictField()
    enrolments = serializers.ListField(child=serializers.DictField())
    participations = serializers.ListField(child=serializers.DictField())
    other = serializers.DictField()


class ErasedShape(serializers.Serializer[Any]):
    erased = serializers.BooleanField()
    receipt = serializers.CharField(allow_blank=True)
    counts = serializers.DictField(child=serializers.IntegerField())


class TokenProblemShape(serializers.Serializer[Any]):
    detail = serializers.CharField()
    reason = serializers.CharField()


class PlatformTokens(BaseAuthentication):
    """`Authorization: Bearer <token>`. Nobody is signed in by it: it speaks for a platform."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, PlatformToken]:
        kind, _, offered = get_authorization_header(request).decode("latin-1").partition(" ")
        token = find_token(offered.strip()) if kind.lower() == "bearer" else None
        if token is None:
            raise AuthenticationFailed(gettext("This token opens nothing here."))
        return AnonymousUser(), token

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class PlatformTokensInSchema(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = PlatformTokens
    name = "platformToken"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}


class HasPlatformToken(BasePermission):
    def has_permission(self, request: Request, view: APIView) -> bool:
        return isinstance(request.auth, PlatformToken)


class PlatformRightsView(APIView):
    authentication_classes = [PlatformTokens]
    permission_classes = [HasPlatformToken]

    def person(self, request: Request) -> tuple[User, PlatformToken, bool]:
        asked = PersonOfPlatformShape(data=request.data)
        asked.is_valid(raise_exception=True)
        token = request.auth
        assert isinstance(token, PlatformToken)  # noqa: S101 - HasPlatformToken saw to it
        mark_used(token)
        known = None
        if asked.validated_data["issuer"] == token.platform.issuer:
            subject = asked.validated_data["subject"]
            known = find_platform_person(platform=token.platform, subject=subject)
        if known is None:
            raise NotFound(gettext("Nobody of this platform is known by that subject."))
        return known, token, asked.validated_data["dry_run"]


PROBLEMS = {400: TokenProblemShape, 401: TokenProblemShape, 404: TokenProblemShape}


class PlatformExportView(PlatformRightsView):
    @extend_schema(request=PersonOfPlatformShape, responses={200: ExportShape, **PROBLEMS})
    def post(self, request: Request) -> Response:
        """Everything held on one of the platform's people."""
        person, token, _ = self.person(request)
        record_event(
            actor=None,
            action="person.exported",
            subject=person,
            details={"platform": token.platform_id, "token": token.pk},
        )
        return Response(collect_personal_data(person))


class PlatformErasureView(PlatformRightsView):
    @extend_schema(request=PersonOfPlatformShape, responses={200: ErasedShape, **PROBLEMS})
    def post(self, request: Request) -> Response:
        """Erases one of the platform's people, with everything held on them."""
        person, token, dry_run = self.person(request)
        if not dry_run:
            record_event(
                actor=None,
                action="person.erasure_asked",
                subject=person,
                details={"platform": token.platform_id, "token": token.pk},
            )
        erased = erase_person(user=person, dry_run=dry_run)
        receipt = "" if dry_run else erased.receipt
        return Response({"erased": not dry_run, "receipt": receipt, "counts": erased.counts})
