from django.db import models

from fer_lms.lessons.models import LessonSession


class DemoSession(models.Model):
    """Marks a session that the demonstration created, with simulated learners."""

    session = models.OneToOneField(LessonSession, on_delete=models.CASCADE)

    def __str__(self) -> str:
        return f"demonstration: {self.session}"
