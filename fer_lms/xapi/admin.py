from django.contrib import admin

from fer_lms.people.read_only import ReadOnlyAdmin
from fer_lms.xapi.models import Statement


@admin.register(Statement)
class StatementAdmin(ReadOnlyAdmin[Statement]):
    """Without the person: statements name a pseudonym."""

    list_display = ("queued_at", "attempts", "next_attempt_at", "refusal")
    list_filter = ("refusal",)
    exclude = ("user",)
