from django.contrib import admin

from fer_lms.engagement.models import ObservationWindow
from fer_lms.people.read_only import ReadOnlyAdmin


@admin.register(ObservationWindow)
class ObservationWindowAdmin(ReadOnlyAdmin[ObservationWindow]):
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
