"""Hints that rules offered, and the learners' answers to them."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from fer_lms.lessons.models import Participant, Step
from fer_lms.rules.models.rules import InteractionRule, RuleVersion


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
