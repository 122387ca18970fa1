"""State of the evaluation: of each participant, and of each session."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from fer_lms.lessons.models import InteractionEvent, LessonSession, Participant


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
    error_rates = models.JSONField(
        default=dict, blank=True, help_text="share of wrong answers in earlier sessions, by step"
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
