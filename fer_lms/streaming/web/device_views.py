"""The models of on-device mode, for signed-in users while inference is permitted."""

from typing import Any

import structlog
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from fer_lms.policy.queries import is_inference_permitted
from fer_lms.streaming.web.device_models import (
    DeviceModelUnavailable,
    get_device_models,
    read_device_model,
)

log = structlog.get_logger(__name__)
CACHE_CONTROL = "private, max-age=31536000, immutable"


class DeviceModelsSerializer(serializers.Serializer[Any]):
    landmarks_url = serializers.CharField(help_text="MediaPipe's face_landmarker.task")
    network_url = serializers.CharField(help_text="our network, ONNX")
    network_sha256 = serializers.CharField(help_text="goes into each `scores` message as `model`")
    network_side = serializers.IntegerField(help_text="pixels of its square grey input")
    labels = serializers.ListField(child=serializers.CharField())
    labels_version = serializers.CharField()


class DeviceReaderRefusalSerializer(serializers.Serializer[Any]):
    reason = serializers.ChoiceField(["no_policy", "no_models"])
    detail = serializers.CharField()


class DeviceReaderView(APIView):
    @extend_schema(
        responses={
            200: DeviceModelsSerializer,
            403: OpenApiResponse(DeviceReaderRefusalSerializer),
            503: OpenApiResponse(DeviceReaderRefusalSerializer),
        },
        operation_id="device_reader_retrieve",
    )
    def get(self, request: Request) -> Response:
        """Return which models read faces on the learner's own device, and their addresses."""
        if not is_inference_permitted():
            detail = gettext("The camera cannot be used here now.")
            return _build_refusal("no_policy", detail, status.HTTP_403_FORBIDDEN)
        try:
            models = get_device_models()
        except DeviceModelUnavailable as error:
            log.warning("device_models_unavailable", error=str(error))
            detail = gettext("What reads on your device is not there.")
            return _build_refusal("no_models", detail, status.HTTP_503_SERVICE_UNAVAILABLE)
        return Response(
            {
                "landmarks_url": _build_url(models.landmarks_sha256),
                "network_url": _build_url(models.network_sha256),
                "network_sha256": models.network_sha256,
                "network_side": models.network_side,
                "labels": list(models.labels),
                "labels_version": models.labels_version,
            }
        )


@require_safe
def device_model(request: HttpRequest, sha256: str) -> HttpResponse:
    """Serve one model file. Its URL contains the sha256, so that browsers can cache it."""
    if not request.user.is_authenticated or not is_inference_permitted():
        raise Http404(gettext("There is no such file here."))
    try:
        content = read_device_model(sha256)
    except DeviceModelUnavailable as error:
        log.warning("device_models_unavailable", error=str(error))
        raise Http404(gettext("There is no such file here.")) from error
    headers = {"Cache-Control": CACHE_CONTROL, "ETag": f'"{sha256}"'}
    return HttpResponse(content, content_type="application/octet-stream", headers=headers)


def _build_refusal(reason: str, detail: str, code: int) -> Response:
    return Response({"reason": reason, "detail": detail}, status=code)


def _build_url(sha256: str) -> str:
    return reverse("device-model", args=[sha256])
