"""The models of on-device mode, for signed-in users while inference is permitted.

They are the files that the workers open. They are served from this installation only, by their
sha256, so that no third party learns of a lesson and browsers can cache them.
"""

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
from fer_lms.streaming.wire.device_scores import LABELS_VERSION
from inference.errors import ModelCorrupt, ModelMissing
from inference.models.released import list_released_models, read_pinned, select_model
from inference.models.store import FACE_LANDMARKER, find_model
from inference.results import LABELS

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
            network = select_model()
        except ModelMissing as error:
            log.warning("device_models_unavailable", error=str(error))
            detail = gettext("The models for your device are unavailable.")
            return _build_refusal("no_models", detail, status.HTTP_503_SERVICE_UNAVAILABLE)
        return Response(
            {
                "landmarks_url": _build_url(FACE_LANDMARKER.sha256),
                "network_url": _build_url(network.sha256),
                "network_sha256": network.sha256,
                "network_side": network.side,
                "labels": list(LABELS),
                "labels_version": LABELS_VERSION,
            }
        )


@require_safe
def device_model(request: HttpRequest, sha256: str) -> HttpResponse:
    """Serve one model file. Its URL contains the sha256, so that browsers can cache it."""
    if not request.user.is_authenticated or not is_inference_permitted():
        raise Http404(gettext("There is no such file here."))
    try:
        content = _read_model(sha256)
    except (ModelMissing, ModelCorrupt) as error:
        log.warning("device_models_unavailable", error=str(error))
        raise Http404(gettext("There is no such file here.")) from error
    headers = {"Cache-Control": CACHE_CONTROL, "ETag": f'"{sha256}"'}
    return HttpResponse(content, content_type="application/octet-stream", headers=headers)


def _read_model(sha256: str) -> bytes:
    """Read and verify a model file. Raises ModelMissing or ModelCorrupt."""
    if sha256 == FACE_LANDMARKER.sha256:
        return find_model(FACE_LANDMARKER)
    for network in list_released_models()[1].values():
        if network.sha256 == sha256:
            return read_pinned(network.path, sha256)
    raise ModelMissing(f"no model has the sha256 {sha256}")


def _build_refusal(reason: str, detail: str, code: int) -> Response:
    return Response({"reason": reason, "detail": detail}, status=code)


def _build_url(sha256: str) -> str:
    return reverse("device-model", args=[sha256])
