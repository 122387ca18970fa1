"""Checks that only a person can do; results are recorded in the deployment checklist
(docs/templates/deployment-checklist.md)."""

from collections.abc import Iterator

from django.conf import settings
from django.urls import reverse

from fer_lms.operations.findings import Finding


def list_manual_checks() -> Iterator[Finding]:
    retention_url = f"{settings.PUBLIC_URL}{reverse('retention')}"
    checks = {
        "legal permission": "somebody who knows the local law has confirmed it in writing",
        "backups": "made, kept no longer than the policy keeps data, restored once as a test",
        "notice": "learners and guardians were informed, in words and languages that they read",
        "retention page": f"open {retention_url} without signing in; it agrees with the notice",
        "lesson without camera": "a complete lesson was tried with the camera off",
        "withdrawal": "one learner withdrew consent as a test: the camera stopped, a receipt came",
        "alerts": "/readyz, fer_purge_overdue and the audit alert notify somebody",
        "certificate": "valid and renewed automatically",
        "disks": "swap is off or encrypted, no core dumps, on machines that process frames",
    }
    for name, detail in checks.items():
        yield Finding(name, "person", detail)
