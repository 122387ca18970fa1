from django.contrib import admin

from fer_lms.people.read_only import LearnerDataAdmin, NamedValuesFilter
from fer_lms.xapi.models import Statement


@admin.register(Statement)
class StatementAdmin(LearnerDataAdmin[Statement]):
    """List statements without the user: they contain a pseudonym only."""

    list_display = ("queued_at", "attempts", "next_attempt_at", "refusal")
    list_filter = (("refusal", NamedValuesFilter),)
    exclude = ("user",)
