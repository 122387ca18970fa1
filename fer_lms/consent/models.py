import uuid
from collections.abc import Iterable

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from fer_lms.lessons.models import Participant
from fer_lms.people.models import User

GRANTS = ("capture", "server_processing", "own_view", "support_view", "research")


def sort_grants(grants: Iterable[str]) -> list[str]:
    """Return each grant once, in the order of GRANTS."""
    wanted = set(grants)
    return [grant for grant in GRANTS if grant in wanted]


class ConsentText(models.Model):
    """One version of the consent text, in one language and form; never edited."""

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


class GuardianConsent(models.Model):
    """A request to a learner's guardian about one version of the text, and the answer.

    It belongs to the person, not to a session: a guardian is not asked before every lesson.
    """

    class State(models.TextChoices):
        ASKED = "asked", _("waiting for an answer")
        GIVEN = "given", _("yes")
        REFUSED = "refused", _("no")
        WITHDRAWN = "withdrawn", _("withdrawn")
        REPLACED = "replaced", _("replaced by a newer one")

    class Way(models.TextChoices):
        LINK = "link", _("by the signed link")
        PAPER = "paper", _("by a signed form")
        OF_AGE = "of_age", _("no guardian needed: old enough, proof was seen")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="guardian_consents")
    text_version = models.CharField(max_length=32)
    asked_for = models.JSONField(default=list, help_text="What the learner agreed to.")
    given = models.JSONField(default=list, help_text="What of it the guardian agreed to.")
    state = models.CharField(max_length=16, choices=State, default=State.ASKED)
    way = models.CharField(max_length=8, choices=Way, blank=True)
    signed_name = models.CharField(max_length=200, blank=True)
    reference = models.CharField(
        max_length=200, blank=True, help_text="Reference of the signed form."
    )
    entered_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    asked_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(help_text="When the link expires.")
    answered_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    supporters_at = models.DateTimeField(
        null=True, blank=True, help_text="When a support person's view was last agreed to."
    )
    kept_days = models.PositiveSmallIntegerField(
        null=True, help_text="Days that the text named; a longer period needs new consent."
    )
    small_group = models.PositiveSmallIntegerField(
        null=True, help_text="Group size that the text named; a smaller one needs new consent."
    )

    class Meta:
        permissions = [("enter_guardianconsent", "Can hand over links and enter signed forms")]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "text_version"],
                name="one_open_guardian_question",
                condition=Q(state="asked"),
            ),
            models.UniqueConstraint(
                fields=["person", "text_version"],
                name="one_guardian_yes_a_person_and_text",
                condition=Q(state="given"),
            ),
            models.CheckConstraint(
                name="guardian_gives_only_with_a_way",
                condition=~Q(state="given") | (~Q(way="") & Q(answered_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="guardian_paper_has_a_reference",
                condition=~Q(way__in=("paper", "of_age")) | ~Q(reference=""),
            ),
        ]

    def __str__(self) -> str:
        return f"guardian consent {self.id}"


class Consent(models.Model):
    """The consent of one participant, by permission.

    Every change increments `epoch` and, if it affects the camera, sets `frames_epoch`; frames of an
    earlier epoch are dropped. Grants that wait for a guardian are in `awaiting_guardian`, and the
    boolean columns are false.
    """

    participant = models.OneToOneField(
        Participant, on_delete=models.CASCADE, related_name="consent"
    )
    text_version = models.CharField(max_length=32, blank=True)
    text_locale = models.CharField(max_length=10, blank=True)
    text_form = models.CharField(max_length=8, blank=True, choices=ConsentText.Form)
    kept_days = models.PositiveSmallIntegerField(
        null=True, help_text="Days that the text named; a longer period needs new consent."
    )
    small_group = models.PositiveSmallIntegerField(
        null=True, help_text="Group size that the text named; a smaller one needs new consent."
    )
    awaiting_guardian = models.JSONField(default=list, blank=True)
    guardian = models.ForeignKey(
        GuardianConsent, null=True, blank=True, on_delete=models.SET_NULL, related_name="consents"
    )
    capture = models.BooleanField(default=False, help_text="The camera may be used.")
    server_processing = models.BooleanField(
        default=False, help_text="Pictures may be sent; each is read and deleted."
    )
    own_view = models.BooleanField(default=False, help_text="The learner sees live readings.")
    support_view = models.BooleanField(
        default=False, help_text="A support person may see this learner's own results."
    )
    research = models.BooleanField(default=False)
    epoch = models.PositiveIntegerField(default=0)
    frames_epoch = models.PositiveIntegerField(
        default=0,
        help_text="Epoch of the last change to the camera; frames captured before it are dropped.",
    )
    granted_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    erase_through_epoch = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text="Readings up to this epoch wait for erasure; empty when none do.",
    )
    erased_at = models.DateTimeField(
        null=True, blank=True, help_text="When readings were last erased."
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
        if self.awaiting_guardian and not self.capture:
            return "pending_guardian"
        return "granted" if self.granted else "none"

    @property
    def granted(self) -> set[str]:
        return {grant for grant in GRANTS if getattr(self, grant)}

    @property
    def permits_frames(self) -> bool:
        return self.capture and self.server_processing

    @property
    def permits_scores(self) -> bool:
        return self.capture
