"""What is known of the learning platforms (LMS) and of who came from them.

Nothing here is a mark or a reading: names of places, ids and times.
"""

import re
import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from fer_lms.lessons.models import Course, Lesson

LONGEST_ID = 255
"""LTI allows 255 characters for every id."""
ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:\d{1,5})?(?=[/?#]|$)", re.IGNORECASE | re.ASCII)


class Platform(models.Model):
    """One registration: an LMS, by its issuer and the client id that it gave us."""

    name = models.CharField(max_length=200)
    issuer = models.CharField(max_length=LONGEST_ID)
    client_id = models.CharField(max_length=LONGEST_ID)
    auth_login_url = models.URLField(max_length=500)
    auth_token_url = models.URLField(max_length=500, blank=True)
    token_audience = models.CharField(
        max_length=500, blank=True, help_text="Where it differs from the token address."
    )
    key_set_url = models.URLField(max_length=500)
    page_origins = models.JSONField(
        default=list,
        blank=True,
        help_text="Further origins whose pages may show us in a frame, "
        "where they differ from the issuer's and the login address's.",
    )
    local = models.BooleanField(
        default=False, help_text="Plain http and private addresses are allowed for this one."
    )
    active = models.BooleanField(default=False, help_text="Launches are accepted.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["issuer", "client_id"], name="one_registration")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def login_origin(self) -> str:
        """Where the platform answers messages of its storage (LTI client-side postMessages)."""
        return origin_of(self.auth_login_url)

    @property
    def frame_origins(self) -> list[str]:
        """Whose pages may show ours in a frame."""
        own = [origin_of(self.issuer), self.login_origin, *map(origin_of, self.page_origins)]
        return sorted({origin for origin in own if origin})


def origin_of(url: str) -> str:
    """`https://host[:port]`, or an empty text for what is no plain web address.

    It goes into headers, so nothing but a host and a port may come out.
    """
    found = ORIGIN.match(url)
    return found.group().lower() if found else ""


class Deployment(models.Model):
    """One place of a platform that we were put into."""

    platform = models.ForeignKey(Platform, on_delete=models.CASCADE, related_name="deployments")
    deployment_id = models.CharField(max_length=LONGEST_ID)
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["platform", "deployment_id"], name="one_deployment")
        ]

    def __str__(self) -> str:
        return f"{self.platform}: {self.deployment_id}"


class ToolKey(models.Model):
    """A key pair of ours. The private half is encrypted with the installation's secret."""

    class State(models.TextChoices):
        NEXT = "next"
        CURRENT = "current"
        RETIRED = "retired"

    kid = models.CharField(max_length=64, unique=True)
    state = models.CharField(max_length=8, choices=State, default=State.NEXT)
    private_pem = models.TextField()
    public_jwk = models.JSONField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["state"], condition=~Q(state="retired"), name="one_key_a_state"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kid} ({self.state})"


class KeySet(models.Model):
    """A platform's public keys as they were fetched last, and when it was asked why."""

    platform = models.OneToOneField(Platform, on_delete=models.CASCADE, related_name="key_set")
    keys = models.JSONField(default=dict, help_text="By key id; RSA keys for signatures only.")
    fetched_at = models.DateTimeField(null=True, blank=True)
    asked_at = models.JSONField(default=dict, help_text="When each unknown key id was asked for.")
    attempts = models.JSONField(default=list, help_text="When it was asked within the minute.")
    busy_until = models.DateTimeField(null=True, blank=True)
    failure = models.CharField(max_length=64, blank=True)

    def __str__(self) -> str:
        return f"keys of {self.platform_id}"


class LaunchState(models.Model):
    """One login under way: its state, nonce and browser, to be used up once."""

    state_digest = models.CharField(max_length=64, unique=True)
    nonce_digest = models.CharField(max_length=64, unique=True)
    browser_digest = models.CharField(max_length=64)
    platform = models.ForeignKey(Platform, on_delete=models.CASCADE)
    deployment_id = models.CharField(max_length=LONGEST_ID, blank=True)
    target_link_uri = models.CharField(max_length=500)
    storage_target = models.CharField(max_length=LONGEST_ID, blank=True)
    created_at = models.DateTimeField(default=timezone.now, db_index=True, editable=False)
    consumed_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"login at {self.created_at:%Y-%m-%d %H:%M:%S}"


class LtiUser(models.Model):
    """A person as one platform knows them. The same person on two platforms is two."""

    platform = models.ForeignKey(Platform, on_delete=models.CASCADE, related_name="users")
    sub = models.CharField(max_length=LONGEST_ID)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="lti_identities"
    )
    test_user = models.BooleanField(
        default=False, help_text="The platform's stand-in for a student, not a person."
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    launched_at = models.DateTimeField(null=True, blank=True)
    administrator_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="When they came in last, if that was as a teacher who administers the platform.",
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["platform", "sub"], name="one_person_a_sub")]

    def __str__(self) -> str:
        return f"person {self.pk} of platform {self.platform_id}"


class LtiContext(models.Model):
    """A course as a platform knows it. A link that belongs to no course makes one of its own."""

    deployment = models.ForeignKey(Deployment, on_delete=models.CASCADE, related_name="contexts")
    context_id = models.CharField(max_length=LONGEST_ID, blank=True)
    lone_link_id = models.CharField(max_length=LONGEST_ID, blank=True)
    course = models.OneToOneField(Course, on_delete=models.CASCADE, related_name="lti_context")
    memberships_url = models.URLField(max_length=2000, blank=True)
    roster_due_at = models.DateTimeField(null=True, blank=True, db_index=True)
    roster_synced_at = models.DateTimeField(null=True, blank=True)
    roster_failures = models.PositiveSmallIntegerField(default=0)
    roster_error = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["deployment", "context_id", "lone_link_id"], name="one_context"
            ),
            models.CheckConstraint(
                name="context_or_lone_link",
                condition=Q(context_id="", lone_link_id__gt="")
                | Q(context_id__gt="", lone_link_id=""),
            ),
        ]

    def __str__(self) -> str:
        return f"context {self.pk} of deployment {self.deployment_id}"


class LtiResourceLink(models.Model):
    """A link in a platform's course, and the lesson it leads to."""

    context = models.ForeignKey(LtiContext, on_delete=models.CASCADE, related_name="links")
    resource_link_id = models.CharField(max_length=LONGEST_ID)
    lesson = models.ForeignKey(Lesson, on_delete=models.CASCADE, related_name="lti_links")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["context", "resource_link_id"], name="one_link")
        ]

    def __str__(self) -> str:
        return f"link {self.pk} to lesson {self.lesson_id}"


class WindowPass(models.Model):
    """Carries a launch from a frame into a window of its own: once, within a minute."""

    digest = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    launch = models.JSONField(help_text="What the session remembers of the launch.")
    path = models.CharField(max_length=500)
    created_at = models.DateTimeField(default=timezone.now, db_index=True, editable=False)
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"pass of {self.created_at:%Y-%m-%d %H:%M:%S}"


class DeepLinkRequest(models.Model):
    """A platform's dialog waiting for a lesson to be chosen: answered once."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    deployment = models.ForeignKey(Deployment, on_delete=models.CASCADE)
    course = models.ForeignKey(Course, on_delete=models.CASCADE)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    return_url = models.URLField(max_length=2000)
    data = models.JSONField(
        null=True, blank=True, help_text="The platform's own; goes back as it came."
    )
    accept_multiple = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now, db_index=True, editable=False)
    answered_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"choice asked for at {self.created_at:%Y-%m-%d %H:%M:%S}"


class RegistrationInvite(models.Model):
    """A registration address for one platform: used once, valid until it expires."""

    digest = models.CharField(max_length=64, unique=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True
    )
    local = models.BooleanField(default=False)
    page_origin = models.CharField(max_length=LONGEST_ID, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    platform = models.ForeignKey(Platform, on_delete=models.SET_NULL, null=True, blank=True)

    def __str__(self) -> str:
        return f"invitation of {self.created_at:%Y-%m-%d %H:%M}"
