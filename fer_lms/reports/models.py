from django.db import models
from django.utils import timezone

from fer_lms.lessons.models import LessonSession


class LessonReport(models.Model):
    """The report of an ended sitting, frozen once every window is closed.

    It holds figures of groups only (fer_lms.reports.summary) and no learner's id, so it stays
    when a learner's windows are erased or expire.
    """

    session = models.OneToOneField(LessonSession, on_delete=models.CASCADE, related_name="report")
    body = models.JSONField()
    finalised_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"report of {self.finalised_at:%Y-%m-%d %H:%M}"
