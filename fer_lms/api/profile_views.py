"""REST for how a learner wants to be met. Everybody sees and changes their own only."""

from typing import cast

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from fer_lms.api.serializers import ProblemShape, ProfileShape
from fer_lms.lessons.actions import save_profile
from fer_lms.lessons.queries import get_profile
from fer_lms.people.models import User


class ProfileView(APIView):
    @extend_schema(responses={200: ProfileShape, 403: ProblemShape})
    def get(self, request: Request) -> Response:
        """How this person wants to be met."""
        return Response(ProfileShape(get_profile(cast(User, request.user))).data)

    @extend_schema(
        request=ProfileShape, responses={200: ProfileShape, 400: ProblemShape, 403: ProblemShape}
    )
    def patch(self, request: Request) -> Response:
        """Changes what is named; the rest stays. What is as usual is not kept."""
        user = cast(User, request.user)
        now = get_profile(user)
        shape = ProfileShape(now, data=request.data, partial=True)
        shape.is_valid(raise_exception=True)
        values = dict(ProfileShape(now).data) | dict(shape.validated_data)
        return Response(ProfileShape(save_profile(user=user, values=values)).data)
