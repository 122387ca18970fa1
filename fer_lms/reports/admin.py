from django.contrib import admin

from fer_lms.people.read_only import LearnerDataAdmin
from fer_lms.reports.models import Correction, LessonReport, Release


@admin.register(LessonReport)
class LessonReportAdmin(LearnerDataAdmin[LessonReport]):
    """Hides the stored body: only `queries.build_report` shows what may be shown of it."""

    list_display = ("session_id", "finalised_at", "withdrawn_at")
    list_filter = ("finalised_at", "withdrawn_at")
    fields = ("session", "finalised_at", "withdrawn_at")


@admin.register(Release)
class ReleaseAdmin(LearnerDataAdmin[Release]):
    """Hides the figures and the digests of contributors."""

    list_display = ("session_id", "cadence_index", "stopped", "withdrawn_at")
    fields = ("session", "cadence_index", "stopped", "model", "withdrawn_at")


@admin.register(Correction)
class CorrectionAdmin(LearnerDataAdmin[Correction]):
    """Shows that a correction exists, not what it says."""

    list_display = ("id", "said_at")
    fields = ("said_at",)
