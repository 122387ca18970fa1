from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class DeploymentPolicy(models.Model):
    """What this installation may infer, where, for whom, and who signed for it.

    No policy in force: no frame is accepted and no model is opened.
    """

    class Kind(models.TextChoices):
        DEMO = "demo", _("demonstration")

    kind = models.CharField(max_length=16, choices=Kind)
    jurisdiction = models.CharField(max_length=32, blank=True)
    sector = models.CharField(max_length=32, blank=True)
    purpose = models.TextField()
    minimum_age = models.PositiveSmallIntegerField(default=18)
    legal_basis = models.CharField(max_length=200)
    signed_by = models.CharField(max_length=200)
    reference = models.CharField(max_length=200, blank=True)
    permits_inference = models.BooleanField(default=False)
    kept_days = models.PositiveSmallIntegerField(
        default=30, help_text="Days after which a learner's windows are deleted."
    )
    small_group = models.PositiveSmallIntegerField(
        default=5, help_text="Class figures are withheld under this many contributing learners."
    )
    valid_from = models.DateTimeField(default=timezone.now)
    valid_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "deployment policies"
        constraints = [
            models.CheckConstraint(
                name="policy_ends_after_it_starts",
                condition=Q(valid_until__isnull=True) | Q(valid_until__gt=models.F("valid_from")),
            ),
            models.CheckConstraint(name="policy_small_group", condition=Q(small_group__gte=5)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} policy from {self.valid_from:%Y-%m-%d}"
