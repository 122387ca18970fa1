"""Values of columns that several models and apps use."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    STUDENT = "student", _("student")
    TEACHER = "teacher", _("teacher")


class EngagementPreset(models.TextChoices):
    """The formula of `fer_lms.engagement.scoring` that a lesson uses."""

    TRANSPARENT = "transparent", _("ours, transparent")
    SHARMA2019 = "sharma2019", _("Sharma et al. 2019")
    HEAD_ONLY = "head_only", _("the direction of the head alone, nothing of the face")


class HintForm(models.TextChoices):
    """The form in which a learner prefers to receive hints."""

    TEXT = "text", _("text")
    SIMPLE_TEXT = "simple_text", _("simple text")
    SYMBOL = "symbol", _("symbols")
    AUDIO = "audio", _("read aloud")
