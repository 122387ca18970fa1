from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from fer_lms.lessons.models import Participant

GRANTS = ("capture", "server_processing", "own_view", "support_view", "research")


class ConsentText(models.Model):
    """What was asked, word for word. A version is never edited; a new one is added."""

    class Form(models.TextChoices):
        STANDARD = "standard", _("standard")
        EASY = "easy", _("easy to read")

    version = models.CharField(max_length=32)
    locale = models.CharField(max_length=10)
    form = models.CharField(max_length=8, choices=Form)
    body = models.JSONField(help_text="title, intro, points: [{heading, body}]")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["version", "locale", "form"], name="one_text_a_version_locale_form"
            )
        ]

    def __str__(self) -> str:
        return f"{self.version} {self.locale} {self.form}"


class Consent(models.Model):
    """What one participant permits now. `epoch` rises with every change and fences old frames."""

    participant = models.OneToOneField(
        Participant, on_delete=models.CASCADE, related_name="consent"
    )
    text_version = models.CharField(max_length=32, blank=True)
    capture = models.BooleanField(default=False, help_text="The camera may be used.")
    server_processing = models.BooleanField(
        default=False, help_text="Pictures may be sent, looked at for a moment and thrown away."
    )
    own_view = models.BooleanField(default=False, help_text="The learner sees live readings.")
    support_view = models.BooleanField(
        default=False, help_text="A support person may see this learner's own figures."
    )
    research = models.BooleanField(default=False)
    epoch = models.PositiveIntegerField(default=0)
    granted_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    erase_through_epoch = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text="What was kept up to this epoch awaits erasure; empty when nothing does.",
    )
    erased_at = models.DateTimeField(
        null=True, blank=True, help_text="When what had been kept was last deleted."
    )
    receipt = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="withdrawn_means_nothing_granted",
                condition=Q(withdrawn_at__isnull=True)
                | Q(
                    capture=False,
                    server_processing=False,
                    own_view=False,
                    support_view=False,
                    research=False,
                ),
            ),
            models.CheckConstraint(
                name="server_processing_needs_capture",
                condition=Q(server_processing=False) | Q(capture=True),
            ),
        ]
        indexes = [
            models.Index(
                fields=["erase_through_epoch"],
                name="consent_awaiting_erasure",
                condition=Q(erase_through_epoch__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"consent epoch {self.epoch}"

    @property
    def state(self) -> str:
        if self.withdrawn_at is not None:
            return "withdrawn"
        return "granted" if any(getattr(self, grant) for grant in GRANTS) else "none"

    @property
    def permits_frames(self) -> bool:
        return self.capture and self.server_processing

    @property
    def permits_scores(self) -> bool:
        return self.capture
