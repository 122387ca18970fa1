from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.utils.translation import gettext_lazy as _

from fer_lms.people.models import User


@admin.register(User)
class PersonAdmin(UserAdmin[User]):
    """Names are shown here and nowhere beside what was seen of a face."""

    list_display = (
        "username",
        "public_id",
        "is_staff",
        "demo",
        "simulated",
        "is_placeholder",
        "is_active",
    )
    list_filter = ("demo", "simulated", "is_placeholder", "is_staff", "is_active")
    readonly_fields = ("public_id", "demo", "simulated", "is_placeholder")
    search_fields = ("username", "public_id")
    fieldsets = (
        *(UserAdmin.fieldsets or ()),
        (_("Kind"), {"fields": ("public_id", "demo", "simulated", "is_placeholder")}),
    )
