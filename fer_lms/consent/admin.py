from django.contrib import admin

from fer_lms.consent.models import Consent, ConsentText
from fer_lms.people.read_only import ReadOnlyAdmin


@admin.register(ConsentText)
class ConsentTextAdmin(ReadOnlyAdmin[ConsentText]):
    """Texts come with the program's migrations: a version is never edited."""

    list_display = ("version", "locale", "form")
    list_filter = ("version", "locale", "form")


@admin.register(Consent)
class ConsentAdmin(ReadOnlyAdmin[Consent]):
    list_display = (
        "participant_id",
        "state",
        "text_version",
        "epoch",
        "capture",
        "server_processing",
        "withdrawn_at",
        "erased_at",
    )
    list_filter = ("text_version", "capture", "server_processing", "withdrawn_at")
