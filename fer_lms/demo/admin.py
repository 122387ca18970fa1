from django.contrib import admin

from fer_lms.demo.models import DemoSession
from fer_lms.people.read_only import ReadOnlyAdmin


@admin.register(DemoSession)
class DemoSessionAdmin(ReadOnlyAdmin[DemoSession]):
    list_display = ("id", "session_id")
