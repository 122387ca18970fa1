from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group
from django.utils.translation import gettext_lazy as _

from fer_lms.people.login_limits import LimitedAuthenticationForm
from fer_lms.people.models import User
from fer_lms.people.read_only import OwnFieldsAdmin

admin.site.login_form = LimitedAuthenticationForm

KIND_FLAGS = ("demo", "simulated", "is_placeholder")


@admin.register(User)
class PersonAdmin(OwnFieldsAdmin[User], UserAdmin[User]):
    """The only admin page with names: all others show public ids."""

    list_display = ("username", "public_id", "is_staff", *KIND_FLAGS, "is_active")
    list_filter = (*KIND_FLAGS, "is_staff", "is_active")
    filter_horizontal = ()  # its script writes labels that screen readers refuse
    readonly_fields = ("public_id", *KIND_FLAGS)
    search_fields = ("username", "public_id")
    fieldsets = (
        *(UserAdmin.fieldsets or ()),
        (_("Kind"), {"fields": readonly_fields}),
    )


admin.site.unregister(Group)


@admin.register(Group)
class StaffGroupAdmin(GroupAdmin):
    filter_horizontal = ()  # as in `PersonAdmin`
