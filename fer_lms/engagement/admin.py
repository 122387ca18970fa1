from django.contrib import admin

from fer_lms.engagement.models import BaselineReset, LearnerBaseline, ObservationWindow
from fer_lms.people.read_only import LearnerDataAdmin


@admin.register(ObservationWindow)
class ObservationWindowAdmin(LearnerDataAdmin[ObservationWindow]):
    list_display = (
        "start_at",
        "participant_id",
        "state",
        "received",
        "accepted",
        "processed",
        "in_flight",
        "coverage",
    )
    list_filter = ("state", "start_at")


@admin.register(LearnerBaseline)
class LearnerBaselineAdmin(LearnerDataAdmin[LearnerBaseline]):
    """Existence and time only: the sums describe a face."""

    list_display = ("participant_id", "from_at", "until_at", "expires_at", "consent_epoch")
    exclude = ("sign_sums", "sign_square_sums", "negative_sum")


@admin.register(BaselineReset)
class BaselineResetAdmin(LearnerDataAdmin[BaselineReset]):
    list_display = ("participant_id", "asked_at", "evaluated_at")
