"""What has to hold towards learners: the policy, the texts they are asked with, and what is proved
of both afterwards. Asks the database, whose tables must be there."""

from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.db import connection
from django.utils import timezone

from fer_lms.audit.queries import last_verified_at, verification_is_overdue
from fer_lms.audit.triggers import triggers_present
from fer_lms.consent.models import ConsentText
from fer_lms.consent.queries import current_text_version, get_texts
from fer_lms.operations.findings import Finding, State
from fer_lms.policy.compliance import list_unmet_requirements, permits_inference_now
from fer_lms.policy.integrity import is_intact
from fer_lms.policy.models import DeploymentPolicy
from fer_lms.policy.queries import active_policy
from fer_lms.rights.retention import last_purge_at, purge_is_overdue

EXPIRES_SOON = timedelta(days=30)


def permission_findings() -> Iterator[Finding]:
    policy = active_policy()
    if policy is None:
        detail = "none signed and in force: lessons work, cameras stay off, nothing is inferred"
        yield Finding("policy", "warning", detail)
    else:
        yield _policy(policy)
        yield _demands(policy)
    yield _texts()


def proof_findings() -> Iterator[Finding]:
    yield _purge()
    yield _audit_log()
    yield _verified()


def _policy(policy: DeploymentPolicy) -> Finding:
    if policy.kind != DeploymentPolicy.Kind.DEMO and not is_intact(policy):
        detail = f"{policy}: its row is not what was signed; nothing is inferred. Sign a new one"
        return Finding("policy", "missing", detail)
    until = f"until {policy.valid_until:%Y-%m-%d}" if policy.valid_until else "without an end"
    infers = "permits inference" if permits_inference_now(policy) else "permits no inference"
    detail = (
        f"{policy}, {until}, {infers}, from age {policy.minimum_age}, kept {policy.kept_days} days"
        f"; signed by {policy.signed_by}"
    )
    if policy.valid_until and policy.valid_until - timezone.now() < EXPIRES_SOON:
        return Finding("policy", "warning", f"{detail}. It ends soon: sign the next one in time")
    return Finding("policy", "ok", detail)


def _demands(policy: DeploymentPolicy) -> Finding:
    unmet = list_unmet_requirements(policy)
    if not unmet:
        return Finding("demands of the place", "ok", f"all met: {policy.jurisdiction or 'none'}")
    says = "; ".join(str(requirement.text) for requirement in unmet)
    state: State = "missing" if policy.permits_inference else "warning"
    return Finding("demands of the place", state, f"{len(unmet)} not met, nothing is read: {says}")


def _texts() -> Finding:
    """Every language that pages are shown in needs the consent text, in plain and easy words."""
    version = current_text_version()
    texts = get_texts(version)
    wanted = [(code, form) for code, _ in settings.LANGUAGES for form in ConsentText.Form.values]
    lacking = [f"{code} {form}" for code, form in wanted if form not in texts.get(code, {})]
    if lacking:
        detail = f"version {version} lacks {', '.join(lacking)}: those learners read English"
        return Finding("consent texts", "warning", detail)
    languages = ", ".join(code for code, _ in settings.LANGUAGES)
    return Finding("consent texts", "ok", f"version {version}, plain and easy to read: {languages}")


def _purge() -> Finding:
    last = last_purge_at()
    when = f"came to its end last on {last:%Y-%m-%d %H:%M} UTC" if last else "has not run yet"
    if purge_is_overdue():
        return Finding(
            "retention", "missing", f"the purge {when}: check that beat and aggregation run"
        )
    return Finding("retention", "ok", f"the purge {when}")


def _audit_log() -> Finding:
    if triggers_present(connection):
        return Finding("audit log", "ok", "append-only; `audit_verify` follows its chain")
    detail = "the triggers that refuse changes are missing from the database"
    return Finding("audit log", "missing", detail)


def _verified() -> Finding:
    last = last_verified_at()
    when = f"found whole last on {last:%Y-%m-%d %H:%M} UTC" if last else "never verified yet"
    if verification_is_overdue():
        detail = f"{when}: run `manage.py audit_verify` and check that the aggregation worker runs"
        return Finding("audit chain", "missing", detail)
    return Finding("audit chain", "ok", when)
