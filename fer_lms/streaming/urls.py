from django.urls import path, register_converter
from django.urls.converters import StringConverter

from fer_lms.streaming.web.device_views import DeviceReaderView, device_model
from fer_lms.streaming.web.views import CaptureTicketView


class Sha256Converter(StringConverter):
    regex = "[0-9a-f]{64}"


register_converter(Sha256Converter, "sha256")
urlpatterns = [
    path(
        "v1/sessions/<uuid:session_id>/capture-ticket",
        CaptureTicketView.as_view(),
        name="capture-ticket",
    ),
    path("v1/device-reader", DeviceReaderView.as_view(), name="device-reader"),
    path("v1/device-reader/<sha256:sha256>", device_model, name="device-model"),
]
