"""The models of on-device mode, for whoever is signed in and only where inference is permitted."""

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
    DeviceModelAbsent,
    device_model_bytes,
    device_models,
)

log = structlog.get_logger(__name__)
FOR_A_YEAR = "private, max-age=31536000, immutable"


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
        """What reads faces on the learner's own device, and where its files are."""
        if not is_inference_permitted():
            detail = gettext("The camera cannot be used here now.")
            return _refused("no_policy", detail, status.HTTP_403_FORBIDDEN)
        try:
            models = device_models()
        except DeviceModelAbsent as error:
            log.warning("no_device_models", why=str(error))
            detail = gettext("What reads on your device is not there.")
            return _refused("no_models", detail, status.HTTP_503_SERVICE_UNAVAILABLE)
        return Response(
            {
                "landmarks_url": _address(models.landmarks_sha256),
                "network_url": _address(models.network_sha256),
                "network_sha256": models.network_sha256,
                "network_side": models.network_side,
                "labels": list(models.labels),
                "labels_version": models.labels_version,
            }
        )


@require_safe
def device_model(request: HttpRequest, sha256: str) -> HttpResponse:
    """One model file. Its address holds its sha256, so that a browser may keep it."""
    if not request.user.is_authenticated or not is_inference_permitted():
        raise Http404(gettext("There is no such file here."))
    try:
        content = device_model_bytes(sha256)
    except DeviceModelAbsent as error:
        log.warning("no_device_models", why=str(error))
        raise Http404(gettext("There is no such file here.")) from error
    headers = {"Cache-Control": FOR_A_YEAR, "ETag": f'"{sha256}"'}
    return HttpResponse(content, content_type="application/octet-stream", headers=headers)


def _refused(reason: str, detail: str, code: int) -> Response:
    return Response({"reason": reason, "detail": detail}, status=code)


def _address(sha256: str) -> str:
    return reverse("device-model", args=[sha256])
