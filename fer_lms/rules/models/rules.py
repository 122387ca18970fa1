"""Rules, whom they are for, and where they are switched off."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from fer_lms.lessons.models import Course, Lesson
from fer_lms.rules.engine import spec as limits
from fer_lms.rules.engine.spec import RuleSpec, parse_spec


def build_empty_list() -> list[Any]:
    return []


class InteractionRule(models.Model):
    """A rule for hints; its content is its latest version.

    Without course and lesson it is built in and applies everywhere.
    """

    course = models.ForeignKey(Course, on_delete=models.CASCADE, null=True, blank=True)
    lesson = models.ForeignKey(Lesson, on_delete=models.CASCADE, null=True, blank=True)
    title = models.CharField(max_length=120)
    template = models.CharField(max_length=32, blank=True, help_text="template it was created from")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    made_at = models.DateTimeField(default=timezone.now)
    retired_at = models.DateTimeField(
        null=True, blank=True, help_text="when it was removed from use"
    )

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.title


class RuleVersion(models.Model):
    """Content of a rule (`RuleSpec`). Never edited: a change is a new version."""

    class Evidence(models.TextChoices):
        FRUSTRATION = "frustration", _("signs of frustration")
        CONFUSION = "confusion", _("signs of confusion")
        DISENGAGEMENT = "disengagement", _("signs of drifting away")
        SAID_HARD = "said_hard", _("the learner says that it is hard")

    class Action(models.TextChoices):
        HINT = "hint", _("the next hint of the step")
        BREAK = "break", _("the offer of a short break")
        EASIER = "easier", _("the easier form of the step")
        QUESTION = "question", _("a question: is this hard right now?")
        TELL_TEACHER = "tell_teacher", _("a question: shall I tell your teacher?")

    rule = models.ForeignKey(InteractionRule, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField()
    evidence = models.CharField(max_length=16, choices=Evidence)
    threshold = models.FloatField()
    release = models.FloatField()
    over_windows = models.PositiveSmallIntegerField()
    of_windows = models.PositiveSmallIntegerField()
    held_windows = models.PositiveSmallIntegerField()
    minimum_coverage = models.FloatField()
    needs_other_source = models.BooleanField(default=True)
    steps = models.JSONField(default=build_empty_list, blank=True)
    learners = models.JSONField(default=build_empty_list, blank=True)
    groups = models.JSONField(default=build_empty_list, blank=True)
    cooldown_seconds = models.PositiveIntegerField()
    max_per_lesson = models.PositiveSmallIntegerField()
    quiet_start_seconds = models.PositiveIntegerField()
    quiet_steps = models.JSONField(default=build_empty_list, blank=True)
    quiet_minutes = models.JSONField(default=build_empty_list, blank=True)
    action = models.CharField(max_length=16, choices=Action)
    text = models.CharField(max_length=500, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["rule_id", "number"]
        constraints = [
            models.UniqueConstraint(fields=["rule", "number"], name="one_version_a_number"),
            models.CheckConstraint(
                name="rule_release_at_most_threshold", condition=Q(release__lte=F("threshold"))
            ),
            models.CheckConstraint(
                name="rule_over_windows_in_range",
                condition=Q(over_windows__gte=1, over_windows__lte=F("of_windows")),
            ),
            models.CheckConstraint(
                name="rule_hard_limits",
                condition=Q(
                    cooldown_seconds__gte=limits.COOLDOWN_SECONDS,
                    max_per_lesson__lte=limits.MAX_PER_LESSON,
                ),
            ),
            models.CheckConstraint(
                name="rule_minimum_coverage_limit", condition=Q(minimum_coverage__gte=0.5)
            ),
        ]

    def __str__(self) -> str:
        return f"version {self.number} of rule {self.rule_id}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise ValidationError("A version of a rule cannot be changed; add a new version.")
        super().save(*args, **kwargs)

    @property
    def spec(self) -> RuleSpec:
        return parse_spec(self.__dict__)


class LearnerGroup(models.Model):
    """Learners of a course to whom rules can be limited."""

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="learner_groups")
    title = models.CharField(max_length=80)
    members = models.ManyToManyField(
        settings.AUTH_USER_MODEL, blank=True, related_name="learner_groups"
    )

    def __str__(self) -> str:
        return self.title


class RuleSwitch(models.Model):
    """Hints switched off or on. The latest row of the same lesson, rule and learner applies.

    A row without any of them switches the installation. Every switch that is off suppresses.
    """

    lesson = models.ForeignKey(Lesson, on_delete=models.CASCADE, null=True, blank=True)
    rule = models.ForeignKey(InteractionRule, on_delete=models.CASCADE, null=True, blank=True)
    learner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="rule_switches",
    )
    off = models.BooleanField()
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    set_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]
        verbose_name_plural = "rule switches"

    def __str__(self) -> str:
        return "off" if self.off else "on"


class ThresholdShift(models.Model):
    """A learner's preference for earlier or later hints, added to the threshold of rules."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="threshold_shifts"
    )
    evidence = models.CharField(max_length=16, choices=RuleVersion.Evidence)
    shift = models.FloatField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "evidence"], name="one_shift_an_evidence"),
            models.CheckConstraint(
                name="shift_within_limits", condition=Q(shift__gte=-0.2, shift__lte=0.3)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.evidence} {self.shift:+.2f}"
