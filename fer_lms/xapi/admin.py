from django.contrib import admin

from fer_lms.people.read_only import ReadOnlyAdmin
from fer_lms.xapi.models import Statement


@admin.register(Statement)
class StatementAdmin(ReadOnlyAdmin[Statement]):
    """By pseudonym: whom it is about is left out."""

    list_display = ("queued_at", "attempts", "next_attempt_at", "refusal")
    list_filter = ("refusal",)
    exclude = ("user",)
