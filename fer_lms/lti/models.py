"""Learning platforms (LMS), their users, courses and links, and the state of LTI messages."""

import re
import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from fer_lms.lessons.models import Activity, Course, Lesson

MAX_ID_LENGTH = 255
"""Applies to every id (LTI 1.3, section 5.3)."""
ORIGIN_PATTERN = re.compile(r"https?://[a-z0-9.-]+(:\d{1,5})?(?=[/?#]|$)", re.IGNORECASE | re.ASCII)


class Platform(models.Model):
    """A registration: an LMS, identified by its issuer and the client id that it assigned."""

    name = models.CharField(max_length=200)
    issuer = models.CharField(max_length=MAX_ID_LENGTH)
    client_id = models.CharField(max_length=MAX_ID_LENGTH)
    auth_login_url = models.URLField(max_length=500)
    auth_token_url = models.URLField(max_length=500, blank=True)
    token_audience = models.CharField(
        max_length=500, blank=True, help_text="If it differs from the token address."
    )
    key_set_url = models.URLField(max_length=500)
    page_origins = models.JSONField(
        default=list,
        blank=True,
        help_text="Further origins that may embed our pages, besides the issuer's and the login "
        "address's.",
    )
    local = models.BooleanField(default=False, help_text="Allow plain http and private addresses.")
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
        """Origin of the platform storage (LTI Client Side postMessages)."""
        return parse_origin(self.auth_login_url)

    @property
    def frame_ancestors(self) -> list[str]:
        """Origins that may embed our pages (CSP frame-ancestors)."""
        origins = [
            parse_origin(self.issuer),
            self.login_origin,
            *map(parse_origin, self.page_origins),
        ]
        return sorted({origin for origin in origins if origin})


def parse_origin(url: str) -> str:
    """Return `scheme://host[:port]`, safe for use in headers; empty if the URL has none."""
    match = ORIGIN_PATTERN.match(url)
    return match.group().lower() if match else ""


class Deployment(models.Model):
    """A deployment of the tool in a platform (LTI 1.3, section 3.1)."""

    platform = models.ForeignKey(Platform, on_delete=models.CASCADE, related_name="deployments")
    deployment_id = models.CharField(max_length=MAX_ID_LENGTH)
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["platform", "deployment_id"], name="one_deployment")
        ]

    def __str__(self) -> str:
        return f"{self.platform}: {self.deployment_id}"


class ToolKey(models.Model):
    """A key pair of the tool. The private key is encrypted with SECRET_KEY."""

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
    """Cached public keys of a platform, and the state of fetching them."""

    platform = models.OneToOneField(Platform, on_delete=models.CASCADE, related_name="key_set")
    keys = models.JSONField(default=dict, help_text="RSA signature keys by key id.")
    fetched_at = models.DateTimeField(null=True, blank=True)
    requested_at = models.JSONField(
        default=dict, help_text="Time of the last fetch by unknown key id."
    )
    attempts = models.JSONField(default=list, help_text="Times of fetches in the last minute.")
    leased_until = models.DateTimeField(null=True, blank=True)
    failure = models.CharField(max_length=64, blank=True)

    def __str__(self) -> str:
        return f"keys of {self.platform_id}"


class LaunchState(models.Model):
    """A login that was used: its state and nonce are valid once."""

    state_digest = models.CharField(max_length=64, unique=True)
    nonce_digest = models.CharField(max_length=64, unique=True)
    browser_digest = models.CharField(max_length=64)
    platform = models.ForeignKey(Platform, on_delete=models.CASCADE)
    deployment_id = models.CharField(max_length=MAX_ID_LENGTH, blank=True)
    target_link_uri = models.CharField(max_length=500)
    storage_target = models.CharField(max_length=MAX_ID_LENGTH, blank=True)
    created_at = models.DateTimeField(default=timezone.now, db_index=True, editable=False)
    consumed_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"login at {self.created_at:%Y-%m-%d %H:%M:%S}"


class LtiUser(models.Model):
    """A user of one platform. A person on two platforms has one in each."""

    platform = models.ForeignKey(Platform, on_delete=models.CASCADE, related_name="users")
    sub = models.CharField(max_length=MAX_ID_LENGTH)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="lti_identities"
    )
    test_user = models.BooleanField(
        default=False, help_text="A test account for the student's view, not a person."
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    launched_at = models.DateTimeField(null=True, blank=True)
    administrator_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="Time of the last launch if it was as a teacher who administers the platform.",
    )

    class Meta:
        verbose_name = "LTI user"
        constraints = [models.UniqueConstraint(fields=["platform", "sub"], name="one_person_a_sub")]

    def __str__(self) -> str:
        return f"user {self.pk} of platform {self.platform_id}"


class LtiContext(models.Model):
    """A course of a platform. A resource link that belongs to no course gets a separate context."""

    deployment = models.ForeignKey(Deployment, on_delete=models.CASCADE, related_name="contexts")
    context_id = models.CharField(max_length=MAX_ID_LENGTH, blank=True)
    lone_link_id = models.CharField(max_length=MAX_ID_LENGTH, blank=True)
    course = models.OneToOneField(Course, on_delete=models.CASCADE, related_name="lti_context")
    memberships_url = models.URLField(max_length=2000, blank=True)
    roster_due_at = models.DateTimeField(null=True, blank=True, db_index=True)
    roster_synced_at = models.DateTimeField(null=True, blank=True)
    roster_failures = models.PositiveSmallIntegerField(default=0)
    roster_error = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = "LTI context"
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
    """A resource link in a platform's course, and its lesson."""

    context = models.ForeignKey(LtiContext, on_delete=models.CASCADE, related_name="links")
    resource_link_id = models.CharField(max_length=MAX_ID_LENGTH)
    title = models.CharField(max_length=200, blank=True)
    lesson = models.ForeignKey(
        Lesson,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="lti_links",
        help_text="Empty: it was deleted, or the link was copied from another course.",
    )
    activity = models.OneToOneField(
        Activity, null=True, blank=True, on_delete=models.SET_NULL, related_name="lti_link"
    )
    lesson_key = models.BigIntegerField(
        null=True, blank=True, help_text="Key of the lesson that the platform named last."
    )
    source_course = models.ForeignKey(
        Course,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="The course that the link was copied from, whose lessons may be copied.",
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = "LTI resource link"
        constraints = [
            models.UniqueConstraint(fields=["context", "resource_link_id"], name="one_link")
        ]

    def __str__(self) -> str:
        return f"link {self.pk} to lesson {self.lesson_id}"


class WindowPass(models.Model):
    """A one-time pass that opens a launched session in a new browser window."""

    digest = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    launch = models.JSONField(help_text="The launch that the session keeps.")
    path = models.CharField(max_length=500)
    created_at = models.DateTimeField(default=timezone.now, db_index=True, editable=False)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "window passes"

    def __str__(self) -> str:
        return f"pass of {self.created_at:%Y-%m-%d %H:%M:%S}"


class DeepLinkRequest(models.Model):
    """A deep linking request, until its response is sent (LTI Deep Linking 2.0)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    deployment = models.ForeignKey(Deployment, on_delete=models.CASCADE)
    course = models.ForeignKey(Course, on_delete=models.CASCADE)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    return_url = models.URLField(max_length=2000)
    data = models.JSONField(
        null=True, blank=True, help_text="Opaque value of the platform; returned unchanged."
    )
    accept_multiple = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now, db_index=True, editable=False)
    answered_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"deep linking request of {self.created_at:%Y-%m-%d %H:%M:%S}"


class RegistrationInvite(models.Model):
    """A one-time address for Dynamic Registration."""

    digest = models.CharField(max_length=64, unique=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True
    )
    local = models.BooleanField(default=False)
    page_origin = models.CharField(max_length=MAX_ID_LENGTH, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    platform = models.ForeignKey(Platform, on_delete=models.SET_NULL, null=True, blank=True)

    def __str__(self) -> str:
        return f"invite of {self.created_at:%Y-%m-%d %H:%M}"
