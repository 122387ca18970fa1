from django.contrib import admin

from fer_lms.people.read_only import ReadOnlyAdmin
from fer_lms.reports.models import Correction, FigureCell, LessonReport, Release


@admin.register(LessonReport)
class LessonReportAdmin(ReadOnlyAdmin[LessonReport]):
    list_display = ("session_id", "finalised_at", "withdrawn_at")
    list_filter = ("finalised_at", "withdrawn_at")


@admin.register(Release)
class ReleaseAdmin(ReadOnlyAdmin[Release]):
    """How far, and not of whom: neither the key nor the digests are shown."""

    list_display = ("session_id", "through", "tick", "withdrawn_at")
    fields = ("session", "through", "tick", "model", "withdrawn_at")


@admin.register(FigureCell)
class FigureCellAdmin(ReadOnlyAdmin[FigureCell]):
    list_display = ("session_id", "number", "step_id")


@admin.register(Correction)
class CorrectionAdmin(ReadOnlyAdmin[Correction]):
    """That something was said, and when. What it was is between the learner and their own page."""

    list_display = ("id", "said_at")
    fields = ("said_at",)
