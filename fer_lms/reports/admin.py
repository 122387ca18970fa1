from django.contrib import admin

from fer_lms.people.read_only import ReadOnlyAdmin
from fer_lms.reports.models import LessonReport


@admin.register(LessonReport)
class LessonReportAdmin(ReadOnlyAdmin[LessonReport]):
    list_display = ("session_id", "finalised_at")
    list_filter = ("finalised_at",)
