import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    # What release 0.1.0 had applied; remove after the next release.
    replaces = [
        ("lti", "0001_initial"),
        ("lti", "0002_key_sets"),
        ("lti", "0003_mark_stand_ins"),
        ("lti", "0004_invite_page_origin"),
        ("lti", "0005_administrator_at"),
    ]
    initial = True

    dependencies = [
        ("lessons", "0001_release_0_1_0"),
        ("people", "__first__"),
    ]

    operations = [
        migrations.CreateModel(
            name="Deployment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("deployment_id", models.CharField(max_length=255)),
                ("active", models.BooleanField(default=True)),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
            ],
        ),
        migrations.CreateModel(
            name="DeepLinkRequest",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("return_url", models.URLField(max_length=2000)),
                (
                    "data",
                    models.JSONField(
                        blank=True, help_text="The platform's own; goes back as it came.", null=True
                    ),
                ),
                ("accept_multiple", models.BooleanField(default=False)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_index=True, default=django.utils.timezone.now, editable=False
                    ),
                ),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                (
                    "course",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, to="lessons.course"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "deployment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, to="lti.deployment"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="LtiContext",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("context_id", models.CharField(blank=True, max_length=255)),
                ("lone_link_id", models.CharField(blank=True, max_length=255)),
                ("memberships_url", models.URLField(blank=True, max_length=2000)),
                ("roster_due_at", models.DateTimeField(blank=True, db_index=True, null=True)),
                ("roster_synced_at", models.DateTimeField(blank=True, null=True)),
                ("roster_failures", models.PositiveSmallIntegerField(default=0)),
                ("roster_error", models.CharField(blank=True, max_length=64)),
                (
                    "course",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lti_context",
                        to="lessons.course",
                    ),
                ),
                (
                    "deployment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="contexts",
                        to="lti.deployment",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="LtiResourceLink",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("resource_link_id", models.CharField(max_length=255)),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                (
                    "context",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="links",
                        to="lti.lticontext",
                    ),
                ),
                (
                    "lesson",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lti_links",
                        to="lessons.lesson",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Platform",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=200)),
                ("issuer", models.CharField(max_length=255)),
                ("client_id", models.CharField(max_length=255)),
                ("auth_login_url", models.URLField(max_length=500)),
                ("auth_token_url", models.URLField(blank=True, max_length=500)),
                (
                    "token_audience",
                    models.CharField(
                        blank=True,
                        help_text="Where it differs from the token address.",
                        max_length=500,
                    ),
                ),
                ("key_set_url", models.URLField(max_length=500)),
                (
                    "page_origins",
                    models.JSONField(
                        blank=True,
                        default=list,
                        help_text="Further origins whose pages may show us in a frame, where they differ from the issuer's and the login address's.",
                    ),
                ),
                (
                    "local",
                    models.BooleanField(
                        default=False,
                        help_text="Plain http and private addresses are allowed for this one.",
                    ),
                ),
                ("active", models.BooleanField(default=False, help_text="Launches are accepted.")),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("issuer", "client_id"), name="one_registration")
                ],
            },
        ),
        migrations.CreateModel(
            name="LtiUser",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sub", models.CharField(max_length=255)),
                (
                    "test_user",
                    models.BooleanField(
                        default=False,
                        help_text="The platform's stand-in for a student, not a person.",
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                ("launched_at", models.DateTimeField(blank=True, null=True)),
                (
                    "administrator_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="When they came in last, if that was as a teacher who administers the platform.",
                        null=True,
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lti_identities",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "platform",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="users",
                        to="lti.platform",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="LaunchState",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("state_digest", models.CharField(max_length=64, unique=True)),
                ("nonce_digest", models.CharField(max_length=64, unique=True)),
                ("browser_digest", models.CharField(max_length=64)),
                ("deployment_id", models.CharField(blank=True, max_length=255)),
                ("target_link_uri", models.CharField(max_length=500)),
                ("storage_target", models.CharField(blank=True, max_length=255)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_index=True, default=django.utils.timezone.now, editable=False
                    ),
                ),
                ("consumed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "platform",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, to="lti.platform"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="KeySet",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "keys",
                    models.JSONField(
                        default=dict, help_text="By key id; RSA keys for signatures only."
                    ),
                ),
                ("fetched_at", models.DateTimeField(blank=True, null=True)),
                (
                    "asked_at",
                    models.JSONField(
                        default=dict, help_text="When each unknown key id was asked for."
                    ),
                ),
                (
                    "attempts",
                    models.JSONField(
                        default=list, help_text="When it was asked within the minute."
                    ),
                ),
                ("busy_until", models.DateTimeField(blank=True, null=True)),
                ("failure", models.CharField(blank=True, max_length=64)),
                (
                    "platform",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="key_set",
                        to="lti.platform",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="deployment",
            name="platform",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="deployments",
                to="lti.platform",
            ),
        ),
        migrations.CreateModel(
            name="RegistrationInvite",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("local", models.BooleanField(default=False)),
                ("page_origin", models.CharField(blank=True, max_length=255)),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                ("expires_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(blank=True, null=True)),
                (
                    "made_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "platform",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        to="lti.platform",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ToolKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kid", models.CharField(max_length=64, unique=True)),
                (
                    "state",
                    models.CharField(
                        choices=[("next", "Next"), ("current", "Current"), ("retired", "Retired")],
                        default="next",
                        max_length=8,
                    ),
                ),
                ("private_pem", models.TextField()),
                ("public_jwk", models.JSONField()),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                ("retired_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "retired"), _negated=True),
                        fields=("state",),
                        name="one_key_a_state",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="WindowPass",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("launch", models.JSONField(help_text="What the session remembers of the launch.")),
                ("path", models.CharField(max_length=500)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_index=True, default=django.utils.timezone.now, editable=False
                    ),
                ),
                ("used_at", models.DateTimeField(blank=True, null=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="lticontext",
            constraint=models.UniqueConstraint(
                fields=("deployment", "context_id", "lone_link_id"), name="one_context"
            ),
        ),
        migrations.AddConstraint(
            model_name="lticontext",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("context_id", ""), ("lone_link_id__gt", "")),
                    models.Q(("context_id__gt", ""), ("lone_link_id", "")),
                    _connector="OR",
                ),
                name="context_or_lone_link",
            ),
        ),
        migrations.AddConstraint(
            model_name="ltiresourcelink",
            constraint=models.UniqueConstraint(
                fields=("context", "resource_link_id"), name="one_link"
            ),
        ),
        migrations.AddConstraint(
            model_name="ltiuser",
            constraint=models.UniqueConstraint(fields=("platform", "sub"), name="one_person_a_sub"),
        ),
        migrations.AddConstraint(
            model_name="deployment",
            constraint=models.UniqueConstraint(
                fields=("platform", "deployment_id"), name="one_deployment"
            ),
        ),
    ]
