"""REST endpoint of the preferences of the person who is signed in."""

from typing import cast

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from fer_lms.api.errors import ProblemSerializer
from fer_lms.api.sessions.serializers import ProfileSerializer
from fer_lms.lessons.actions import save_profile
from fer_lms.lessons.queries import get_profile
from fer_lms.people.models import User


class ProfileView(APIView):
    @extend_schema(responses={200: ProfileSerializer, 403: ProblemSerializer})
    def get(self, request: Request) -> Response:
        """Return this person's preferences."""
        return Response(ProfileSerializer(get_profile(cast(User, request.user))).data)

    @extend_schema(
        request=ProfileSerializer,
        responses={200: ProfileSerializer, 400: ProblemSerializer, 403: ProblemSerializer},
    )
    def patch(self, request: Request) -> Response:
        """Change the given preferences; defaults are not stored."""
        user = cast(User, request.user)
        profile = get_profile(user)
        changes = ProfileSerializer(profile, data=request.data, partial=True)
        changes.is_valid(raise_exception=True)
        values = ProfileSerializer(profile).data | changes.validated_data
        return Response(ProfileSerializer(save_profile(user=user, values=values)).data)
