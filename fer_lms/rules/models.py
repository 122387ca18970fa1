from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from fer_lms.lessons.models import (
    Course,
    InteractionEvent,
    Lesson,
    LessonSession,
    Participant,
    Step,
)
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


class Hint(models.Model):
    """Help offered to one participant: one row for each participant, rule and event."""

    class Kind(models.TextChoices):
        HINT = "hint", _("hint")
        BREAK = "break", _("break")
        EASIER = "easier", _("easier form")
        QUESTION = "question", _("question")
        TELL_TEACHER = "tell_teacher", _("shall I tell your teacher")

    class State(models.TextChoices):
        DUE = "due", _("to be shown")
        SHOWN = "shown", _("shown")
        WITHHELD = "withheld", _("withheld")

    class Timing(models.TextChoices):
        RIGHT = "right", _("yes")
        TOO_EARLY = "too_early", _("too early")
        NOT_NEEDED = "not_needed", _("not needed")

    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="hints")
    rule = models.ForeignKey(
        InteractionRule,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="hints",
        help_text="Empty: requested by the learner.",
    )
    version = models.ForeignKey(RuleVersion, on_delete=models.CASCADE, null=True, blank=True)
    occasion = models.CharField(max_length=48, help_text="key of the event it was offered at")
    step = models.ForeignKey(Step, on_delete=models.SET_NULL, null=True, blank=True)
    kind = models.CharField(max_length=16, choices=Kind)
    level = models.PositiveSmallIntegerField(null=True, blank=True)
    title = models.CharField(max_length=120)
    body = models.TextField()
    symbol = models.CharField(max_length=16, blank=True)
    form = models.CharField(max_length=16, blank=True)
    why = models.TextField(blank=True, help_text="reason in a sentence, to the learner")
    parts = models.JSONField(default=dict, blank=True, help_text="evidence by part")
    consent_epoch = models.PositiveIntegerField(
        null=True, blank=True, help_text="of its face evidence; empty where there is none"
    )
    sources = models.JSONField(
        default=dict,
        blank=True,
        help_text="whether interaction, face and both together reached the threshold",
    )
    timing = models.CharField(
        max_length=12, choices=Timing, blank=True, help_text="the learner's answer; empty: none"
    )
    state = models.CharField(max_length=8, choices=State, default=State.DUE)
    withheld_because = models.CharField(max_length=32, blank=True)
    fired_at = models.DateTimeField()
    shown_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["fired_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["participant", "rule", "occasion"], name="one_hint_an_occasion"
            )
        ]
        indexes = [
            models.Index(
                fields=["fired_at"], name="due_hints_by_fired_at", condition=Q(state="due")
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} at {self.fired_at:%H:%M:%S}"

    @property
    def allowed_answers(self) -> tuple["HintAnswer.Answer", ...]:
        """Answers that this kind of hint accepts."""
        answer = HintAnswer.Answer
        if self.kind == self.Kind.QUESTION:
            return answer.YES, answer.NO, answer.NOT_NOW, answer.LEAVE_ME_ALONE
        if self.kind == self.Kind.TELL_TEACHER:
            return answer.YES, answer.NO, answer.LEAVE_ME_ALONE
        return answer.HELPED, answer.NOT_NOW, answer.NOT_HARD, answer.LEAVE_ME_ALONE


class HintAnswer(models.Model):
    """A learner's answer to a hint; the latest applies. It overrides the evidence."""

    class Answer(models.TextChoices):
        HELPED = "helped", _("That helped")
        NOT_NOW = "not_now", _("Not now")
        NOT_HARD = "not_hard", _("I'm fine")
        LEAVE_ME_ALONE = "leave_me_alone", _("Leave me alone today")
        YES = "yes", _("Yes")
        NO = "no", _("No")
        HINTS_AGAIN = "hints_again", _("Hints may come again")

    hint = models.ForeignKey(Hint, on_delete=models.CASCADE, related_name="answers")
    answer = models.CharField(max_length=16, choices=Answer)
    answered_at = models.DateTimeField(default=timezone.now)
    evaluated_at = models.DateTimeField(
        null=True, blank=True, help_text="when the rules evaluated it; empty until then"
    )

    class Meta:
        ordering = ["answered_at", "pk"]
        indexes = [
            models.Index(
                fields=["answered_at"],
                name="unevaluated_hint_answers",
                condition=Q(evaluated_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return self.answer


class TeacherNotification(models.Model):
    """A learner's agreement to notify the teacher, the only case in which hints show a name."""

    hint = models.OneToOneField(Hint, on_delete=models.CASCADE, related_name="teacher_notification")
    said_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"notification of {self.said_at:%H:%M:%S}"


class EvaluatedEvent(models.Model):
    """When the rules evaluated an interaction."""

    event = models.OneToOneField(
        InteractionEvent, on_delete=models.CASCADE, primary_key=True, related_name="evaluation"
    )
    evaluated_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"event {self.event_id} evaluated at {self.evaluated_at:%H:%M:%S}"


class RuleState(models.Model):
    """Evaluation state of one participant (`EvaluationState`)."""

    participant = models.OneToOneField(
        Participant, on_delete=models.CASCADE, primary_key=True, related_name="rule_state"
    )
    body = models.JSONField(default=dict)
    cursor_at = models.DateTimeField(help_text="everything up to here is evaluated")
    active_until = models.DateTimeField(
        help_text="without an event, no window is evaluated after this"
    )

    class Meta:
        indexes = [models.Index(fields=["active_until"], name="rule_states_active")]

    def __str__(self) -> str:
        return f"state at {self.cursor_at:%H:%M:%S}"


class SettingsSnapshot(models.Model):
    """Effective settings of one participant from a time on, for replays."""

    participant = models.ForeignKey(
        Participant, on_delete=models.CASCADE, related_name="rule_settings"
    )
    from_at = models.DateTimeField()
    body = models.JSONField()

    class Meta:
        ordering = ["from_at", "pk"]

    def __str__(self) -> str:
        return f"settings from {self.from_at:%H:%M:%S}"


class SessionRules(models.Model):
    """Rules of one session, frozen before the first learner is evaluated.

    New versions, changed groups and rules that are switched on apply from the next session on, so
    that a teacher cannot choose whom a rule is for by what happens in the session. What is switched
    off is off at once, for the rest of the session.
    """

    session = models.OneToOneField(
        LessonSession, on_delete=models.CASCADE, primary_key=True, related_name="rules"
    )
    versions = models.JSONField(help_text="ids of the rules' versions, by precedence")
    newest_switch = models.BigIntegerField(
        default=0, help_text="id of the newest switch; later ones only switch off"
    )
    has_used_faces = models.BooleanField(
        default=False, help_text="the policy permitted face evidence at some time in the session"
    )
    frozen_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"rules frozen at {self.frozen_at:%H:%M:%S}"


class SessionGroupMember(models.Model):
    """Member of a group in the rules of one session, as it was when they were frozen."""

    rules = models.ForeignKey(SessionRules, on_delete=models.CASCADE, related_name="group_members")
    group = models.BigIntegerField(help_text="id of the group, which may be deleted since")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="session_groups"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["rules", "group", "user"], name="one_member_a_session_group"
            )
        ]

    def __str__(self) -> str:
        return f"member of group {self.group}"
