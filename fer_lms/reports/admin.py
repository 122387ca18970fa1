from django.contrib import admin

from fer_lms.people.read_only import LearnerDataAdmin
from fer_lms.reports.models import Correction, LessonReport, Release, ReleasedCell


@admin.register(LessonReport)
class LessonReportAdmin(LearnerDataAdmin[LessonReport]):
    list_display = ("session_id", "finalised_at", "withdrawn_at")
    list_filter = ("finalised_at", "withdrawn_at")


@admin.register(Release)
class ReleaseAdmin(LearnerDataAdmin[Release]):
    """Hides the key and the digests of contributors."""

    list_display = ("session_id", "next_bin", "cadence_index", "withdrawn_at")
    fields = ("session", "next_bin", "cadence_index", "model", "withdrawn_at")


@admin.register(ReleasedCell)
class ReleasedCellAdmin(LearnerDataAdmin[ReleasedCell]):
    list_display = ("session_id", "bin_number", "step_id")


@admin.register(Correction)
class CorrectionAdmin(LearnerDataAdmin[Correction]):
    """Shows that a correction exists, not what it says."""

    list_display = ("id", "said_at")
    fields = ("said_at",)
