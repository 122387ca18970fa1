from django.urls import path

from fer_lms.streaming.views import CaptureTicketView

urlpatterns = [
    path(
        "v1/sessions/<uuid:session_id>/capture-ticket",
        CaptureTicketView.as_view(),
        name="capture-ticket",
    )
]
