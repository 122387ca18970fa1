"""Checks of policy, consent texts, retention and audit log. The database must be migrated."""

from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.db import connection
from django.utils import timezone

from fer_lms.audit.queries import get_last_verified_at, is_verification_overdue
from fer_lms.audit.triggers import has_triggers
from fer_lms.consent.models import ConsentText
from fer_lms.consent.queries import get_current_text_version, get_texts
from fer_lms.operations.findings import Finding, State
from fer_lms.policy.compliance import list_unmet_requirements, permits_inference_now
from fer_lms.policy.integrity import is_intact
from fer_lms.policy.models import DeploymentPolicy
from fer_lms.policy.queries import get_active_policy
from fer_lms.rights.retention import get_last_purge_at, is_purge_overdue

EXPIRY_WARNING = timedelta(days=30)


def check_permission() -> Iterator[Finding]:
    policy = get_active_policy()
    if policy is None:
        detail = "no active policy: lessons work, cameras stay off, nothing is inferred"
        yield Finding("policy", "warning", detail)
    else:
        yield _check_policy(policy)
        yield _check_requirements(policy)
    yield _check_consent_texts()


def check_retention_and_audit() -> Iterator[Finding]:
    yield _check_purge()
    yield _check_audit_log()
    yield _check_audit_chain()


def _check_policy(policy: DeploymentPolicy) -> Finding:
    if policy.kind != DeploymentPolicy.Kind.DEMO and not is_intact(policy):
        detail = f"{policy}: changed after it was signed, nothing is inferred. Sign a new one"
        return Finding("policy", "missing", detail)
    until = f"until {policy.valid_until:%Y-%m-%d}" if policy.valid_until else "unlimited"
    inference = "permits inference" if permits_inference_now(policy) else "permits no inference"
    detail = (
        f"{policy}, {until}, {inference}, from age {policy.minimum_age}, "
        f"kept {policy.kept_days} days; signed by {policy.signed_by}"
    )
    if policy.valid_until and policy.valid_until - timezone.now() < EXPIRY_WARNING:
        return Finding("policy", "warning", f"{detail}. It expires soon: sign the next one")
    return Finding("policy", "ok", detail)


def _check_requirements(policy: DeploymentPolicy) -> Finding:
    unmet = list_unmet_requirements(policy)
    if not unmet:
        return Finding("policy requirements", "ok", f"all met: {policy.jurisdiction or 'none'}")
    texts = "; ".join(str(requirement.text) for requirement in unmet)
    state: State = "missing" if policy.permits_inference else "warning"
    return Finding("policy requirements", state, f"{len(unmet)} not met, nothing is read: {texts}")


def _check_consent_texts() -> Finding:
    """Check that every language of the pages has the consent text in both forms."""
    version = get_current_text_version()
    texts = get_texts(version)
    languages = [code for code, _ in settings.LANGUAGES]
    missing = [
        f"{code} {form}"
        for code in languages
        for form in ConsentText.Form.values
        if form not in texts.get(code, {})
    ]
    if missing:
        detail = f"version {version} lacks {', '.join(missing)}: English is shown instead"
        return Finding("consent texts", "warning", detail)
    detail = f"version {version}, plain and easy to read: {', '.join(languages)}"
    return Finding("consent texts", "ok", detail)


def _check_purge() -> Finding:
    last = get_last_purge_at()
    when = f"last finished on {last:%Y-%m-%d %H:%M} UTC" if last else "has not run yet"
    if is_purge_overdue():
        detail = f"the purge {when}: check that beat and the aggregation worker run"
        return Finding("retention", "missing", detail)
    return Finding("retention", "ok" if last else "unchecked", f"the purge {when}")


def _check_audit_log() -> Finding:
    if has_triggers(connection):
        return Finding("audit log", "ok", "append-only; `audit_verify` verifies its chain")
    detail = "the triggers that refuse changes are missing from the database"
    return Finding("audit log", "missing", detail)


def _check_audit_chain() -> Finding:
    last = get_last_verified_at()
    when = f"last found intact on {last:%Y-%m-%d %H:%M} UTC" if last else "not verified yet"
    if is_verification_overdue():
        detail = f"{when}: run `manage.py audit_verify` and check that the aggregation worker runs"
        return Finding("audit chain", "missing", detail)
    return Finding("audit chain", "ok" if last else "unchecked", when)
