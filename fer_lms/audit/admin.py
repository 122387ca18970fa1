from django.contrib import admin

from fer_lms.audit.models import AuditEvent, ChainCheck
from fer_lms.people.read_only import LearnerDataAdmin, ReadOnlyAdmin


@admin.register(AuditEvent)
class AuditEventAdmin(LearnerDataAdmin[AuditEvent]):
    list_display = ("number", "at", "action", "subject_kind", "subject", "actor")
    list_filter = ("action", "at")
    search_fields = ("=subject", "=actor", "=digest", "=details__receipt")
    ordering = ("-number",)


@admin.register(ChainCheck)
class ChainCheckAdmin(ReadOnlyAdmin[ChainCheck]):
    list_display = ("verified_at", "number")
