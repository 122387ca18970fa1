from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class DeploymentPolicy(models.Model):
    """Permitted inference of this installation, its purpose and learners, and the signature.

    Without an active policy no frame is accepted and no model is loaded. A policy is a draft until
    an administrator signs it; after that it is never edited, only ended (fer_lms.policy.actions).
    """

    class Kind(models.TextChoices):
        DEMO = "demo", _("demonstration")
        DEPLOYMENT = "deployment", _("deployment")

    class Sector(models.TextChoices):
        EDUCATION = "education", _("education")
        WORKPLACE = "workplace", _("training at work")
        HEALTH = "health", _("health care")
        RESEARCH = "research", _("research")

    class PurposeKind(models.TextChoices):
        LEARNING = "learning", _("support of learning")
        MEDICAL = "medical", _("medical")
        SAFETY = "safety", _("safety")
        RESEARCH = "research", _("research")

    kind = models.CharField(max_length=16, choices=Kind, default=Kind.DEPLOYMENT)

    # --- place, purpose and learners
    # No choices: a jurisdiction without a profile permits nothing.
    jurisdiction = models.CharField(_("jurisdiction"), max_length=32, blank=True)
    sector = models.CharField(_("sector"), max_length=32, blank=True, choices=Sector)
    purpose_kind = models.CharField(
        _("kind of purpose"), max_length=16, blank=True, choices=PurposeKind
    )
    purpose = models.TextField(_("purpose"))
    minimum_age = models.PositiveSmallIntegerField(_("youngest learner's age"), default=18)
    maximum_age = models.PositiveSmallIntegerField(
        _("oldest learner's age"), null=True, blank=True, help_text=_("Empty: no upper limit.")
    )
    guardian_age = models.PositiveSmallIntegerField(
        _("guardian's consent needed under the age of"),
        default=18,
        help_text=_("Younger learners need a guardian's consent besides their own."),
    )

    # --- responsibility
    controller = models.CharField(_("controller (who is responsible)"), max_length=200, blank=True)
    contact = models.CharField(_("contact"), max_length=200, blank=True)
    legal_basis = models.CharField(_("legal basis"), max_length=200)
    reference = models.CharField(_("reference of the signed decision"), max_length=200, blank=True)
    impact_assessment = models.CharField(
        _("reference of the impact assessment"), max_length=200, blank=True
    )
    written_release = models.CharField(
        _("reference of the written release"), max_length=200, blank=True
    )
    signed_by = models.CharField(_("signed by"), max_length=200, blank=True)
    signer = models.ForeignKey(
        "people.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    signed_at = models.DateTimeField(null=True, blank=True)
    seal = models.CharField(
        max_length=64, blank=True, help_text="HMAC that detects changes to a signed row."
    )

    # --- permissions
    permits_inference = models.BooleanField(_("expressions may be read"), default=False)
    on_device_only = models.BooleanField(
        _("on the learner's device only"),
        default=False,
        help_text=_("No picture leaves the learner's device, only numbers."),
    )
    permits_research = models.BooleanField(_("research may be asked for"), default=False)
    class_figures_in_xapi = models.BooleanField(
        _("class results may go to the learning record store"), default=False
    )
    face_evidence_in_hints = models.BooleanField(
        _("signs in the face may lead to hints"),
        default=False,
        help_text=_("If not set, hints come only from what a student does in the lesson."),
    )
    k_anonymous_is_anonymous = models.BooleanField(
        _("results of large groups count as anonymous"),
        default=False,
        help_text=_(
            "If set, a report stays when one of its learners is erased; otherwise it is withdrawn."
        ),
    )
    small_group = models.PositiveSmallIntegerField(
        _("smallest group"),
        default=5,
        validators=[
            MinValueValidator(
                5,
                _(
                    "Enter at least 5. In smaller groups, results of single students can be "
                    "computed from those of the group (docs/disclosure.md)."
                ),
            )
        ],
        help_text=_("Class results with fewer contributing learners are not shown. At least 5."),
    )
    live_seconds = models.PositiveSmallIntegerField(
        _("seconds between two live results"), default=60
    )

    # --- retention in days
    kept_days = models.PositiveSmallIntegerField(_("results read from the camera"), default=30)
    events_kept_days = models.PositiveSmallIntegerField(_("activity in lessons"), default=30)
    hints_kept_days = models.PositiveSmallIntegerField(_("hints and their answers"), default=30)
    reports_kept_days = models.PositiveSmallIntegerField(_("reports of classes"), default=365)
    consents_kept_days = models.PositiveSmallIntegerField(_("consents and receipts"), default=1095)
    people_kept_days = models.PositiveSmallIntegerField(
        _("people who have not come back"), default=730
    )
    audit_kept_days = models.PositiveSmallIntegerField(_("the audit log"), default=1825)

    # --- validity
    valid_from = models.DateTimeField(_("valid from"), default=timezone.now)
    valid_until = models.DateTimeField(_("valid until"), null=True, blank=True)
    ended_at = models.DateTimeField(
        null=True, blank=True, help_text="When an administrator ended it early."
    )

    class Meta:
        verbose_name_plural = "deployment policies"
        permissions = [("sign_deploymentpolicy", "Can sign and end deployment policies")]
        constraints = [
            models.CheckConstraint(
                name="policy_ends_after_it_starts",
                condition=Q(valid_until__isnull=True) | Q(valid_until__gt=models.F("valid_from")),
            ),
            models.CheckConstraint(name="policy_small_group", condition=Q(small_group__gte=5)),
            models.CheckConstraint(name="policy_live_seconds", condition=Q(live_seconds__gte=10)),
            models.CheckConstraint(
                name="policy_ages",
                condition=Q(maximum_age__isnull=True) | Q(maximum_age__gte=models.F("minimum_age")),
            ),
            models.CheckConstraint(
                name="policy_demo_is_for_adults",
                condition=~Q(kind="demo") | Q(minimum_age__gte=18),
            ),
            # Regulation (EU) 2024/1689, Art. 5(1)(f), enforced by the database.
            models.CheckConstraint(
                name="policy_eu_medical_or_safety_only",
                condition=~Q(
                    kind="deployment",
                    jurisdiction="eu",
                    sector__in=("education", "workplace"),
                    permits_inference=True,
                    signed_at__isnull=False,
                )
                | (Q(purpose_kind__in=("medical", "safety")) & ~Q(reference="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} policy from {self.valid_from:%Y-%m-%d}"

    @property
    def may_need_guardians(self) -> bool:
        """True where it covers learners who are too young to consent alone."""
        return self.minimum_age < self.guardian_age
